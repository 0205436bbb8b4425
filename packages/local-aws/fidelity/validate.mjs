// Validates recorded traffic against AWS's own API models:
//
//   node validate.mjs MODELS RECORDING…
//
// MODELS is botocore's data folder (`python -c 'import botocore; print(botocore.__path__[0] + "/data")'`). Prints every
// kind of problem once, with how often it occurred, then the operations that were seen. Exit code 1 if there was a
// problem, or nothing to judge.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createJudge } from './traffic.mjs';

const [models, ...recordings] = process.argv.slice(2);
if (models === undefined || recordings.length === 0) {
  console.error('usage: validate.mjs MODELS RECORDING…');
  process.exit(2);
}

const served = ['ecs', 'ecr', 'logs', 'sts', 'elbv2', 'cloudwatch', 'codedeploy'];
const judge = createJudge(Object.fromEntries(served.map((name) => [name, readModel(name)])));
const problems = new Map();
const operations = new Map();
for (const line of recordings.flatMap((path) => readFileSync(path, 'utf8').split('\n'))) {
  const verdict = line === '' ? undefined : judge(JSON.parse(line));
  if (verdict === undefined) continue;
  const { calls, refused } = operations.get(verdict.operation) ?? { calls: 0, refused: 0 };
  operations.set(verdict.operation, { calls: calls + 1, refused: refused + (verdict.failed ? 1 : 0) });
  for (const problem of verdict.problems) {
    // Items of a list have the same fault.
    const kind = `${verdict.operation}: ${problem.replace(/\/\d+(?=\/|\s)/g, '/*')}`;
    problems.set(kind, (problems.get(kind) ?? 0) + 1);
  }
}

const byName = [...operations].sort(([a], [b]) => a.localeCompare(b));
for (const [operation, { calls, refused }] of byName)
  console.log(`${operation}: ${calls} calls, ${refused} refused`);
for (const [problem, count] of problems) console.log(`PROBLEM ${problem} (${count}×)`);
const calls = [...operations.values()].reduce((sum, seen) => sum + seen.calls, 0);
console.log(
  `${calls} calls of ${operations.size} operations, ${problems.size} kinds of problems by AWS's own models`,
);
process.exit(calls > 0 && problems.size === 0 ? 0 : 1);

/** The newest version of a service's model. */
function readModel(service) {
  const folder = join(models, service);
  const version = readdirSync(folder).sort().at(-1);
  const path = join(folder, version, 'service-2.json');
  return JSON.parse(
    existsSync(path) ? readFileSync(path, 'utf8') : gunzipSync(readFileSync(`${path}.gz`)).toString(),
  );
}
