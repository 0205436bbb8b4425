// What both implementations make of the same inputs. Fails where they differ without being known to.
import { isDeepStrictEqual } from 'node:util';
import { readOptions, runStep } from './steps.mjs';

const { ours, theirs, node } = readOptions();
if (theirs === undefined) throw new Error('Name the other implementation with --theirs DIRECTORY.');

const document = {
  family: 'web',
  revision: 3,
  status: 'ACTIVE',
  taskDefinitionArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:3',
  containerDefinitions: [
    {
      name: 'app',
      image: 'app:1',
      memory: 128,
      environment: [{ name: 'A', value: '1' }],
      secrets: [{ name: 'S', valueFrom: 'arn:a' }],
      dockerLabels: { a: '1' },
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'a' } },
      command: [],
    },
    { name: 'sidecar', image: 'sidecar:1', memory: 128 },
  ],
  volumes: [],
  futureMember: { a: '' },
};
const common = { 'container-name': 'app', image: 'app:2', validate: 'off' };
const role = 'arn:aws:iam::123456789012:role/app';

/** Inputs, and why the results differ where they do. */
const cases = [
  { what: 'an image', inputs: {} },
  { what: 'one image for two containers', inputs: { 'container-name': 'app,sidecar' } },
  { what: 'variables', inputs: { 'environment-variables': 'A=2\n\n  B=x=y=z\nEMPTY=\nSPACE= a ' } },
  { what: 'secrets', inputs: { secrets: 'S=arn:b\nT=arn:c' } },
  {
    what: 'variables for two containers',
    inputs: { 'container-name': 'app,sidecar', 'environment-variables': 'A=2' },
  },
  { what: 'environment files', inputs: { 'env-files': 'arn:aws:s3:::a/b.env\narn:aws:s3:::a/c.env' } },
  { what: 'labels', inputs: { 'docker-labels': 'a=2\nb=3' } },
  {
    what: 'a log driver and options',
    inputs: {
      'container-name': 'sidecar',
      'log-configuration-log-driver': 'splunk',
      'log-configuration-options': 'a=1\nb=2',
    },
  },
  { what: 'further log options', inputs: { 'log-configuration-options': 'awslogs-region=us-east-1' } },
  { what: 'a command', inputs: { command: 'npm run start' } },
  {
    what: 'a command with other white space than spaces',
    inputs: { command: 'a\tb\nc' },
    differs: 'it is split at spaces alone there',
  },
  { what: 'a command with white space that is none to a shell', inputs: { command: 'a\u00a0b' } },
  { what: 'a revision beside a file', inputs: { 'task-definition-revision': '3' } },
  { what: 'no revision beside a file', inputs: { 'task-definition-revision': 'latest' } },
  { what: 'roles', inputs: { 'task-role-arn': role, 'execution-role-arn': role } },
  {
    what: 'deleteRequestedAt',
    document: { ...document, deleteRequestedAt: 1 },
    inputs: {},
    differs: 'it stays there, and is taken off here',
  },
  {
    what: 'a label with a second =',
    inputs: { 'docker-labels': 'rule=Query(a=b)' },
    differs: 'the value is cut there',
  },
  {
    what: 'a log option with a second =',
    inputs: { 'log-configuration-options': 'tag=a=b' },
    differs: 'the value is cut there',
  },
  { what: 'quotes in a command', inputs: { command: 'sh -c "a b"' }, differs: 'quotes are words there' },
  { what: 'an apostrophe in a command', inputs: { command: "say don't" }, differs: 'it is an error here' },
  {
    what: 'a backslash in a command',
    inputs: { command: 'echo a\\b' },
    differs: 'it escapes the next character here',
  },
  {
    what: 'what begins like a JSON list of words',
    inputs: { command: '["x" = "x" ]' },
    differs: 'it is an error here',
  },
  {
    what: 'a variable without a name',
    inputs: { 'environment-variables': '=x' },
    differs: 'it is an error here',
  },
  { what: 'a label without a name', inputs: { 'docker-labels': '=x' }, differs: 'it is an error here' },
  {
    what: 'names like numbers',
    inputs: { 'environment-variables': 'B=1\n10=2\n2=3' },
    differs: 'they stand first here, in ascending order',
  },
  {
    what: 'two containers of one name',
    document: { ...document, containerDefinitions: [...document.containerDefinitions, { name: 'app' }] },
    inputs: {},
    differs: 'only the first is edited there',
  },
  {
    what: 'a variable that stands twice',
    document: withTwoValues(document),
    inputs: { 'environment-variables': 'A=3' },
    differs: 'the first is replaced there, the last one here, which counts',
  },
  {
    what: 'a secret that stands twice',
    document: withTwoSecrets(document),
    inputs: { secrets: 'S=arn:c' },
    differs: 'the first is replaced there, the last one here, which counts',
  },
  {
    what: 'a container whose name begins with a space',
    document: withMembers(document, { name: ' app' }),
    inputs: { 'container-name': 'sidecar, app' },
    differs: 'it is not found here, and ECS refuses its name',
  },
  {
    what: 'spaces after a comma',
    inputs: { 'container-name': 'app, sidecar' },
    differs: 'the container is not found there',
  },
  { what: 'a container that is not there', inputs: { 'container-name': 'nobody' } },
  { what: 'a variable without =', inputs: { 'environment-variables': 'A' } },
  {
    what: 'log options without a driver',
    inputs: { 'container-name': 'sidecar', 'log-configuration-options': 'a=1' },
    differs: 'ECS refuses what is rendered there',
  },
  {
    what: 'a number where ECS takes a string',
    document: { ...document, cpu: 256 },
    inputs: {},
    differs: 'it is written as that string here',
  },
  {
    what: 'a number with a fraction where ECS takes a string',
    text: '{"family":"web","cpu":256.0,"containerDefinitions":[{"name":"app","environment":[{"name":"A","value":1.10}]}]}',
    inputs: {},
    differs: 'it is written as it stands here',
  },
  {
    what: 'labels that are a list',
    document: withMembers(document, { dockerLabels: [] }),
    inputs: { 'docker-labels': 'b=1' },
    differs: 'what is added to them is lost there',
  },
  {
    what: 'a label called __proto__',
    inputs: { 'docker-labels': '__proto__=1' },
    differs: 'it is lost there',
  },
  {
    what: 'a file that is not UTF-8',
    text: Buffer.from(JSON.stringify(withMembers(document, { user: 'ü' })), 'latin1'),
    inputs: {},
    differs: 'it is an error here',
  },
  {
    what: 'a folder with an index.json',
    file: 'aws/index.json',
    inputs: { 'task-definition': './aws' },
    differs: 'it is an error here',
  },
  {
    what: 'values nested more than 64 deep',
    text: JSON.stringify(document).replace('{"a":""}', '['.repeat(70) + ']'.repeat(70)),
    inputs: {},
    differs: 'it is an error here',
  },
  {
    what: 'a null',
    document: { ...document, cpu: null },
    inputs: {},
    differs: 'it is left out here, as the SDK leaves it out',
  },
  {
    what: 'a role in a partition of its own',
    inputs: { 'task-role-arn': 'arn:aws-eusc:iam::123456789012:role/app' },
    differs: 'it is refused there',
  },
];

let unexpected = 0;
for (const { what, inputs, differs, document: special = document, text, file } of cases) {
  const [here, there] = [ours, theirs].map((bundle) =>
    runStep(bundle, node, text ?? JSON.stringify(special), { ...common, ...inputs }, file),
  );
  const same = here.status === there.status && isDeepStrictEqual(here.document, there.document);
  const known = same === (differs === undefined);
  if (!known) unexpected += 1;
  console.log(
    `${known ? '    ' : '!!! '}${same ? 'same    ' : 'differs '} ${what}${differs === undefined ? '' : `: ${differs}`}`,
  );
  if (!known)
    console.log(
      JSON.stringify({ here: here.document ?? here.stdout, there: there.document ?? there.stdout }, null, 2),
    );
}
process.exitCode = unexpected === 0 ? 0 : 1;

/** The document with other members in its first container. */
function withMembers({ containerDefinitions: [first, ...others], ...members }, more) {
  return { ...members, containerDefinitions: [{ ...first, ...more }, ...others] };
}

function withTwoValues(document) {
  const { environment } = document.containerDefinitions[0];
  return withMembers(document, { environment: [...environment, { name: 'A', value: '2' }] });
}

function withTwoSecrets(document) {
  const { secrets } = document.containerDefinitions[0];
  return withMembers(document, { secrets: [...secrets, { name: 'S', valueFrom: 'arn:b' }] });
}
