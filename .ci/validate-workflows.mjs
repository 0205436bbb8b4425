// Validates workflows and action metadata with GitHub's language service: the schema that the runner has, and the
// inputs of this repository's actions and workflows wherever they are used.
//   node validate-workflows.mjs FOLDER FILE…    FOLDER is where @actions/languageservice is installed
import { readFileSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';

// The package imports JSON without the attribute that Node asks for.
const jsonAsModule = `
  import { readFileSync } from 'node:fs';
  export async function load(url, context, next) {
    if (!url.endsWith('.json')) return next(url, context);
    return { format: 'module', source: 'export default ' + readFileSync(new URL(url), 'utf8'), shortCircuit: true };
  }`;
register(`data:text/javascript,${encodeURIComponent(jsonAsModule)}`);

const [folder, ...files] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(resolve(folder, 'node_modules', path)).href);
const { validate } = await load('@actions/languageservice/dist/index.js');
const { TextDocument } = await load('vscode-languageserver-textdocument/lib/esm/main.js');

/** Whether a reference means this repository, by whatever name the examples give it. */
const isOurs = ({ owner, name }) => owner === 'OWNER' && name === 'ecs-actions';
const config = {
  actionsMetadataProvider: {
    // Nothing is known of the inputs of other repositories' actions, and nothing of them is checked.
    fetchActionMetadata: async (action) =>
      isOurs(action) ? parse(readFileSync(`${action.path}/action.yml`, 'utf8')) : {},
  },
  fileProvider: {
    getFileContent: async ({ path }) => ({ name: path, content: readFileSync(path, 'utf8') }),
  },
};

let faults = 0;
for (const file of files) {
  const document = TextDocument.create(
    pathToFileURL(resolve(file)).href,
    'yaml',
    1,
    readFileSync(file, 'utf8'),
  );
  for (const { range, message } of await validate(document, config)) {
    faults += 1;
    console.log(`${file}:${range.start.line + 1}:${range.start.character + 1}: ${message}`);
  }
}
console.log(`Language service: ${files.length} files, ${faults} faults`);
process.exit(faults === 0 ? 0 : 1);
