// action.yml is the one place where an input or output is described. From it this script writes
//   actions/<name>/src/action.ts   the names as types, so that an undeclared input does not compile
//   actions/<name>/README.md       the tables between the action-docs markers
// With --check it writes nothing and fails where a file differs from what it would write, where a description is
// missing, or where two actions describe one common input differently. All problems are printed, one a line.
import { readFileSync, writeFileSync, readdirSync, existsSync } from 'node:fs';
import { parse } from 'yaml';

const check = process.argv.includes('--check');
const problems = [];
const START = '<!-- action-docs:start -->';
const END = '<!-- action-docs:end -->';
/** Inputs that mean the same wherever they occur. */
const COMMON = ['aws-region', 'role-to-assume', 'role-session-name', 'role-duration-seconds'];
const common = new Map();

for (const name of readdirSync('actions').sort()) {
  const folder = `actions/${name}`;
  if (!existsSync(`${folder}/action.yml`)) {
    problems.push(`${folder}/action.yml is missing`);
    continue;
  }
  const action = parse(readFileSync(`${folder}/action.yml`, 'utf8'));
  const inputs = members(action.inputs);
  const outputs = members(action.outputs);
  for (const key of ['name', 'description'])
    if (isBlank(action[key])) problems.push(`${folder}: the action has no ${key}`);
  for (const [kind, described] of Object.entries({ input: inputs, output: outputs })) {
    for (const [key, value] of Object.entries(described)) {
      if (!/^[a-z][a-z0-9]*([-_][a-zA-Z0-9]+)*$/.test(key))
        problems.push(`${folder}: ${kind} ${key} is not kebab-case`);
      if (isBlank(value.description)) problems.push(`${folder}: ${kind} ${key} has no description`);
    }
  }
  for (const key of COMMON) {
    const described = JSON.stringify(inputs[key] ?? null);
    if (inputs[key] === undefined) problems.push(`${folder}: lacks the common input ${key}`);
    else if (!common.has(key)) common.set(key, { described, folder });
    else if (common.get(key).described !== described)
      problems.push(`${folder}: input ${key} differs from the one in ${common.get(key).folder}`);
  }
  if (action.runs?.using !== 'node24')
    problems.push(`${folder}: runs.using is ${action.runs?.using}, not node24`);

  emit(`${folder}/src/action.ts`, names(inputs, outputs));
  const readme = existsSync(`${folder}/README.md`) ? readFileSync(`${folder}/README.md`, 'utf8') : '';
  const [before, rest] = readme.split(START);
  const after = rest?.split(END)[1];
  if (after === undefined) problems.push(`${folder}/README.md has no ${START} … ${END}`);
  else emit(`${folder}/README.md`, `${before}${START}\n\n${tables(inputs, outputs)}\n\n${END}${after}`);
}

for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);

/** What is declared, by name; a member without any text of its own counts as empty. */
function members(declared) {
  return Object.fromEntries(Object.entries(declared ?? {}).map(([key, value]) => [key, value ?? {}]));
}

function isBlank(text) {
  return typeof text !== 'string' || text.trim() === '';
}

function emit(path, wanted) {
  const found = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  if (found === wanted) return;
  if (check) problems.push(`${path} is not what action.yml says: run npm run sync-actions`);
  else writeFileSync(path, wanted);
}

function names(inputs, outputs) {
  const union = (type, keys) =>
    `export type ${type} =${keys.length === 0 ? ' never' : keys.map((key) => `\n  | '${key}'`).join('')};\n`;
  return `// Written by scripts/sync-actions from action.yml: edit that file.\n${union('InputName', Object.keys(inputs))}${union('OutputName', Object.keys(outputs))}`;
}

function tables(inputs, outputs) {
  const cell = (text) =>
    String(text)
      .trim()
      .replace(/\s*\n\s*/g, ' ')
      .replace(/\|/g, '\\|');
  const code = (text) => (text === '' ? '' : `\`${cell(text)}\``);
  const inputRows = Object.entries(inputs).map(
    ([key, { description, required, default: value }]) =>
      `| \`${key}\`${required ? ' **(required)**' : ''} | ${cell(description)} | ${value === undefined ? '' : code(value)} |`,
  );
  const outputRows = Object.entries(outputs).map(
    ([key, { description }]) => `| \`${key}\` | ${cell(description)} |`,
  );
  return [
    '### Inputs',
    '',
    '| Input | Meaning | Default |',
    '| --- | --- | --- |',
    ...inputRows,
    '',
    '### Outputs',
    '',
    '| Output | Meaning |',
    '| --- | --- |',
    ...outputRows,
  ].join('\n');
}
