import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  ListTaskDefinitionsCommand,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import { startLocalAws, type LocalAws } from '@ecs-actions/local-aws';
import { runAction, type ActionOptions } from '@ecs-actions/testkit';
import { parse } from 'yaml';

let aws: LocalAws;
let ecs: ECSClient;
let workspace: string;

beforeAll(async () => {
  aws = await startLocalAws({ clock: 'manual' });
  ecs = new ECSClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
});
afterAll(() => aws.stop());
beforeEach(async () => {
  await aws.reset();
  workspace = await mkdtemp(join(tmpdir(), 'render-test-'));
});
afterEach(() => rm(workspace, { recursive: true }));

function container(name: string, more: object = {}) {
  const options = {
    'awslogs-group': '/ecs/web',
    'awslogs-region': 'us-east-1',
    'awslogs-stream-prefix': name,
  };
  return {
    name,
    image: `registry.example.com/${name}:1.0`,
    logConfiguration: { logDriver: 'awslogs' as const, options },
    ...more,
  };
}

const document: RegisterTaskDefinitionCommandInput = {
  family: 'web',
  executionRoleArn: 'arn:aws:iam::123456789012:role/ecsTaskExecutionRole',
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  cpu: '512',
  memory: '1024',
  containerDefinitions: [
    container('app', { environment: [{ name: 'LOG_LEVEL', value: 'info' }] }),
    container('sidecar'),
  ],
};

/** Renders `document`, or `file`, without any AWS. */
async function render(inputs: Record<string, string>, file: string | object = document) {
  const text = typeof file === 'string' ? file : JSON.stringify(file, null, 2);
  const name = inputs['task-definition'] ?? 'task-definition.json';
  await writeFile(join(workspace, name), text);
  return run({ 'task-definition': name, ...inputs }, {});
}

/** Renders what the inputs say, with the embedded AWS around. */
const run = (inputs: Record<string, string>, env: ActionOptions['env'] = aws.environment()) =>
  runAction('render-taskdef', { inputs, cwd: workspace, env: { HOME: workspace, ...env } });

const rendered = async (step: { outputs: Readonly<Record<string, string>> }) =>
  JSON.parse(await readFile(step.outputs['task-definition'] ?? '', 'utf8'));

describe('a file', () => {
  it('gets an image for every container in one step, and everything else', async () => {
    const step = await render({
      images: 'app=registry.example.com/app:2.0\nsidecar=registry.example.com/sidecar:3.0',
      'container-name': 'app',
      'environment-variables': 'QUERY=a=b&c=d\nEMPTY=\nTEXT<<END\nfirst\n  second\nEND',
      secrets: 'TOKEN=arn:aws:secretsmanager:us-east-1:123456789012:secret:token-a1b2c3',
      'docker-labels': 'traefik.http.routers.app.rule=Host(`a`) && Query(x=y)',
      command: `sh -c "echo 'two  words' && exec app"`,
      cpu: '1 vCPU',
      memory: '2 GB',
      patch: 'containerDefinitions:\n  app:\n    environment: { LOG_LEVEL: null }\n    stopTimeout: 60\n',
    });
    expect(step).toMatchObject({ exitCode: 0, annotations: [], outputs: { family: 'web', findings: '[]' } });
    expect(await rendered(step)).toEqual({
      ...document,
      cpu: '1 vCPU',
      memory: '2 GB',
      containerDefinitions: [
        container('app', {
          image: 'registry.example.com/app:2.0',
          environment: [
            { name: 'QUERY', value: 'a=b&c=d' },
            { name: 'EMPTY', value: '' },
            { name: 'TEXT', value: 'first\n  second' },
          ],
          secrets: [
            { name: 'TOKEN', valueFrom: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token-a1b2c3' },
          ],
          dockerLabels: { 'traefik.http.routers.app.rule': 'Host(`a`) && Query(x=y)' },
          command: ['sh', '-c', "echo 'two  words' && exec app"],
          stopTimeout: 60,
        }),
        container('sidecar', { image: 'registry.example.com/sidecar:3.0' }),
      ],
    });
  });

  it('is the same file whenever the same is rendered, and nobody else reads it', async () => {
    const first = await render({ 'container-name': 'app', image: 'registry.example.com/app:2.0' });
    const reversed = Object.fromEntries(Object.entries(document).reverse());
    const second = await render({ 'container-name': 'app', image: 'registry.example.com/app:2.0' }, reversed);
    const path = first.outputs['task-definition'] ?? '';
    expect(path.startsWith(first.runnerTemp)).toBe(true);
    expect(await readFile(path)).toEqual(await readFile(second.outputs['task-definition'] ?? ''));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('may be YAML with placeholders', async () => {
    const yaml = `
# ours
family: web-\${ENVIRONMENT}
networkMode: awsvpc
cpu: 256
memory: 512
containerDefinitions:
  - name: app-\${ENVIRONMENT}
    image: registry.example.com/app:latest
    logConfiguration: { logDriver: json-file }
    command: [sh, -c, 'echo $\${HOME}']
`;
    const step = await render({ 'task-definition': 'td.yaml', variables: 'ENVIRONMENT=prod' }, yaml);
    expect(await rendered(step)).toMatchObject({
      family: 'web-prod',
      cpu: '256',
      containerDefinitions: [{ name: 'app-prod', command: ['sh', '-c', 'echo ${HOME}'] }],
    });
    expect(step.annotations).toMatchObject([{ title: 'image-moving-tag', line: 9 }]);
    const missing = await render({ 'task-definition': 'td.yaml', variables: 'ENVIRONMENTS=prod' }, yaml);
    expect(missing).toMatchObject({
      exitCode: 1,
      annotations: [
        { title: 'TASK_DEFINITION_EDIT_INVALID', message: expect.stringContaining('${ENVIRONMENT}') },
      ],
    });
  });

  it('keeps every digit of a number, and leaves out what is for readers', async () => {
    const before = JSON.stringify(document).replace(/}$/, ', "newer": 12345678901234567890}');
    await writeFile(join(workspace, 'before.json'), before);
    const after = before.replace('890}', '891, "x-team": "a" }');
    const step = await render({ 'diff-against': 'before.json' }, after);
    expect(step.annotations).toMatchObject([
      { level: 'warning', title: 'newer-member' },
      { level: 'notice', title: 'extension-member', message: expect.stringContaining("$['x-team']") },
    ]);
    const written = await readFile(step.outputs['task-definition'] ?? '', 'utf8');
    expect(written).toContain('"newer": 12345678901234567891\n');
    expect(written).not.toContain('x-team');
    expect(step.outputs['diff-json']).toContain('"before":12345678901234567890,"after":12345678901234567891');
  });

  it('keeps what is newer than the action, and says so', async () => {
    const step = await render({}, { ...document, futureMember: { a: 1 } });
    expect(await rendered(step)).toMatchObject({ futureMember: { a: 1 } });
    expect(step).toMatchObject({ exitCode: 0, annotations: [{ level: 'warning', title: 'newer-member' }] });
  });
});

it('has every finding in the summary and the log, and every change in the summary', async () => {
  const variables = Array.from({ length: 150 }, (_, index) => ({
    name: `PASSWORD_${index}`,
    value: 'a-b-c',
  }));
  const more = { ...document, containerDefinitions: [container('app', { environment: variables })] };
  await writeFile(join(workspace, 'old.json'), JSON.stringify(document));
  const step = await render({ 'diff-against': 'old.json' }, more);
  expect(step.annotations).toHaveLength(10);
  const names = variables.map(({ name }) => name);
  const [findings = '', diff = ''] = step.summary.split('### Task definition: ').slice(1);
  for (const text of [
    step.stdout,
    findings,
    diff,
    step.outputs['findings'] ?? '',
    step.outputs['diff'] ?? '',
  ])
    expect(names.filter((name) => !text.replaceAll('&#95;', '_').includes(name))).toEqual([]);
});

const hasJq = spawnSync('bash', ['-c', 'command -v jq']).status === 0;
(hasJq ? it : it.skip)('is the same after as before, where the README compares', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const section = /## Several containers, before and after\n([^]*?)\n## /.exec(readme)?.[1] ?? '';
  const [before = [], after = []] = [...section.matchAll(/```yaml\n([^]*?)```/g)].map(
    ([, block = '']) => parse(block) as readonly Step[],
  );
  expect([before, after].map(({ length }) => length)).toEqual([4, 1]);
  const more = { LEGACY_MODE: 'true', LOG_LEVEL: 'debug' };
  const environment = Object.entries(more).map(([name, value]) => ({ name, value }));
  const names = ['web', 'worker', 'log-router'];
  const containerDefinitions = names.map((name) => container(name, { environment }));
  const file = JSON.stringify({ ...document, containerDefinitions });
  await mkdir(join(workspace, '.aws'));
  await writeFile(join(workspace, '.aws/task-definition.json'), file);
  const once = JSON.parse(await readFile(await follow(after), 'utf8')) as object;
  expect(once).toEqual(JSON.parse(await readFile(await follow(before), 'utf8')));
  expect(once).toMatchObject({ cpu: '1024', containerDefinitions: [{}, { stopTimeout: 120 }, {}] });
});

interface Step {
  readonly id?: string;
  readonly with?: Readonly<Record<string, string | number>>;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the steps of a workflow that render or are scripts; the path of what the last one wrote. */
async function follow(steps: readonly Step[]): Promise<string> {
  const paths = new Map<string, string>();
  const fill = (values: Step['with'] = {}) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        String(value).replace(/\$\{\{ *([\w.-]+) *\}\}/g, (_, of: string) => paths.get(of) ?? of),
      ]),
    );
  let last = '';
  for (const { id, run: script, env, with: inputs } of steps) {
    if (script === undefined) {
      const step = await run(fill(inputs), {});
      expect(step.exitCode).toBe(0);
      last = step.outputs['task-definition'] ?? '';
      paths.set(`steps.${id}.outputs.task-definition`, last);
    } else {
      const options = { cwd: workspace, env: { ...process.env, ...fill(env) }, encoding: 'utf8' } as const;
      expect(spawnSync('bash', ['-ec', script], options)).toMatchObject({ status: 0, stderr: '' });
      last = join(workspace, 'task-definition.json');
    }
  }
  return last;
}

it('needs the AWS SDK for what lives in AWS alone', async () => {
  const action = fileURLToPath(new URL('../', import.meta.url));
  const copy = join(workspace, 'action');
  await mkdir(join(copy, 'dist'), { recursive: true });
  for (const file of ['action.yml', 'dist/index.js', 'dist/package.json'])
    await copyFile(join(action, file), join(copy, file));
  await writeFile(join(workspace, 'td.json'), JSON.stringify(document));
  const step = async (taskDefinition: string) =>
    runAction(copy, {
      inputs: { 'task-definition': taskDefinition },
      cwd: workspace,
      env: { HOME: workspace, ...aws.environment() },
    });
  expect(await step('td.json')).toMatchObject({ exitCode: 0, outputs: { family: 'web' } });
  expect(await step('web')).toMatchObject({
    exitCode: 1,
    annotations: [{ message: expect.stringContaining('aws.js') }],
  });
});

it('shows no placeholder of a secret, wherever it is filled in', async () => {
  await writeFile(join(workspace, 'old.json'), JSON.stringify(document));
  const app = container('app', {
    image: 'registry.example.com/app:${DB_PASSWORD}',
    environment: [{ name: 'X', value: '${DB_PASSWORD}' }],
    command: ['run', '${DB_PASSWORD}'],
  });
  const inputs = { 'diff-against': 'old.json', variables: 'DB_PASSWORD=hunter2Xyz\nMODE_KEY=true' };
  for (const logDriver of ['awslogs', '${DB_PASSWORD}']) {
    const broken = { ...app, logConfiguration: { ...app.logConfiguration, logDriver } };
    const step = await render(inputs, { ...document, containerDefinitions: [broken, container('sidecar')] });
    expect(step.exitCode).toBe(logDriver === 'awslogs' ? 0 : 1);
    expect(step.masks).toEqual(['hunter2Xyz']);
    const log = step.stdout.replace('::add-mask::hunter2Xyz', '');
    expect(`${log}${step.stderr}${step.summary}${JSON.stringify(step.outputs)}`).not.toContain('hunter2');
  }
});

describe('mistakes', () => {
  const broken = {
    ...document,
    memory: '1025',
    containerDefinitions: [
      container('app', { enviroment: [] }),
      container('sidecar', { dependsOn: [{ containerName: 'ap', condition: 'START' }] }),
    ],
  };

  it('are all found before AWS is asked, each with its place, and fail the step', async () => {
    const step = await render({}, broken);
    expect(step.exitCode).toBe(1);
    const findings = JSON.parse(step.outputs['findings'] ?? '') as object[];
    expect(findings).toEqual([
      expect.objectContaining({ rule: 'fargate-size', path: '$.memory', line: 9, column: 3 }),
      expect.objectContaining({
        rule: 'unknown-member',
        path: '$.containerDefinitions[0].enviroment',
        fix: 'Did you mean "environment"?',
        line: 22,
      }),
      expect.objectContaining({ rule: 'depends-on-container', line: expect.any(Number) }),
    ]);
    expect(step.annotations.filter(({ file }) => file === 'task-definition.json')).toHaveLength(3);
    expect(step.annotations.at(-1)).toMatchObject({ title: 'TASK_DEFINITION_INVALID' });
    expect(step.summary).toContain('3 errors');
    expect(step.outputs).not.toHaveProperty('task-definition');
  });

  it.each(['./task-definition.json', 'a/../task-definition.json', 'absolute'])(
    'are annotated under the path that GitHub knows: %s',
    async (path) => {
      await writeFile(join(workspace, 'task-definition.json'), JSON.stringify(broken));
      const name = path === 'absolute' ? join(workspace, 'task-definition.json') : path;
      const step = await run({ 'task-definition': name }, { GITHUB_WORKSPACE: workspace });
      expect(step.annotations.filter(({ file }) => file === 'task-definition.json')).toHaveLength(3);
    },
  );

  it('are annotated as far as GitHub keeps annotations, and all named at the end', async () => {
    const ports = Array.from({ length: 12 }, () => ({ containerPort: 0 }));
    const step = await render(
      {},
      { ...document, containerDefinitions: [container('app', { portMappings: ports })] },
    );
    const errors = step.annotations.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(10);
    expect(errors.at(-1)?.title).toBe('TASK_DEFINITION_INVALID');
    expect(errors.at(-1)?.message).toContain('portMappings[11]');
    expect(step.summary).toContain('23 errors');
  });

  it('are only shown, or not looked for, if that is wanted', async () => {
    const warned = await render({ validate: 'warn' }, broken);
    expect(warned).toMatchObject({ exitCode: 0, annotations: { length: 3 } });
    expect(await rendered(warned)).toMatchObject({ memory: '1025' });
    expect(await render({ validate: 'off' }, broken)).toMatchObject({ exitCode: 0, annotations: [] });
  });

  it('in inputs are reported together, without what was given', async () => {
    const step = await render({
      'environment-variables': 'hunter2',
      command: 'sh -c "hunter2',
      patch: 'a: [hunter2',
      validate: 'maybe',
      base: 'running',
    });
    expect(step).toMatchObject({ exitCode: 1, annotations: [{ title: 'INPUT_INVALID' }] });
    for (const name of ['environment-variables', 'command', 'patch', 'validate', 'base'])
      expect(step.annotations[0]?.message).toContain(`Input ${name} `);
    expect(step.log).not.toContain('hunter2');
  });

  it('name the container that is missing, and those that are there', async () => {
    const step = await render({ 'container-name': 'app, side-car', image: 'x:1' });
    expect(step.annotations[0]?.message).toMatch(
      /no container "side-car".*Did you mean "sidecar".*app, sidecar/,
    );
  });

  it('in the syntax of the file have their place', async () => {
    const step = await render({}, '{\n  "family": "web",\n  "cpu" 256\n}');
    expect(step.annotations[0]).toMatchObject({
      title: 'TASK_DEFINITION_UNREADABLE',
      message: expect.stringContaining('task-definition.json:3:9: colon expected'),
    });
  });
});

describe('ECS', () => {
  const register = (more: Partial<RegisterTaskDefinitionCommandInput> = {}) =>
    ecs.send(new RegisterTaskDefinitionCommand({ ...document, ...more }));
  const revisions = async () =>
    (await ecs.send(new ListTaskDefinitionsCommand({}))).taskDefinitionArns?.map((arn) =>
      arn.slice(arn.indexOf('/') + 1),
    );

  it('gives a family, a revision or an ARN, with its tags', async () => {
    const { taskDefinition } = await register({ tags: [{ key: 'team', value: 'a' }] });
    await register({ cpu: '1024', memory: '2048' });
    const images = 'app=registry.example.com/app:2.0';
    const first = { cpu: '512', tags: [{ key: 'team', value: 'a' }] };
    expect(await rendered(await run({ 'task-definition': 'web', images }))).toMatchObject({ cpu: '1024' });
    for (const inputs of [
      { 'task-definition': 'web:1' },
      { 'task-definition-arn': taskDefinition?.taskDefinitionArn ?? '' },
      { 'task-definition-family': 'web', 'task-definition-revision': '1' },
    ] as Record<string, string>[]) {
      const result = await rendered(await run({ ...inputs, images }));
      expect(result).toMatchObject(first);
      expect(result).not.toHaveProperty('revision');
    }
  });

  it('gives what a service runs, and is compared with the result', async () => {
    await register({
      family: 'web',
      memory: '2048',
      containerDefinitions: [
        { name: 'app', image: 'app:1', environment: [{ name: 'API_TOKEN', value: 'hunter2' }] },
      ],
    });
    await register({ memory: '3072' });
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'web',
        taskDefinition: 'web:1',
        desiredCount: 1,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
    const step = await run({
      cluster: 'prod',
      service: 'web',
      images: 'app=app:2',
      'environment-variables': 'API_TOKEN=hunter3',
      'diff-against': 'running',
    });
    expect(step).toMatchObject({ exitCode: 0, outputs: { changed: 'true' } });
    expect(JSON.parse(step.outputs['diff-json'] ?? '')).toEqual([
      expect.objectContaining({ path: 'containerDefinitions[app].image', before: 'app:1', after: 'app:2' }),
      expect.objectContaining({ path: 'containerDefinitions[app].environment[API_TOKEN]', redacted: true }),
    ]);
    expect(step.outputs['diff']).toContain('2 changes');
    expect(step.summary).toContain(step.outputs['diff']);
    expect(`${step.stdout}${step.stderr}${step.summary}${JSON.stringify(step.outputs)}`).not.toMatch(
      /hunter/,
    );

    const latest = await run({
      'task-definition': 'web',
      service: 'web',
      cluster: 'prod',
      base: 'running',
      'diff-against': 'latest',
    });
    expect(JSON.parse(latest.outputs['diff-json'] ?? '')).toContainEqual(
      expect.objectContaining({ path: 'memory', before: '3072', after: '2048' }),
    );

    const other = await run({
      'task-definition': 'other',
      service: 'web',
      cluster: 'prod',
      base: 'running',
    });
    expect(other).toMatchObject({
      exitCode: 1,
      annotations: [
        { title: 'TASK_DEFINITION_NOT_FOUND', message: expect.stringContaining('no revision of other') },
      ],
    });
  });

  it.each(['web:1', 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1', 'td.json'])(
    'is not what runs if it is %s',
    async (taskDefinition) => {
      const step = await run({ 'task-definition': taskDefinition, service: 'web', base: 'running' });
      expect(step).toMatchObject({
        exitCode: 1,
        annotations: [{ title: 'INPUT_INVALID', message: expect.stringContaining('base') }],
      });
    },
  );

  it('gets a revision with commit and run, or keeps the one that is equal', async () => {
    await writeFile(join(workspace, 'td.json'), JSON.stringify({ ...document, futureMember: 1 }));
    const inputs = { 'task-definition': 'td.json', 'diff-against': 'latest', register: 'true' };
    const env = {
      ...aws.environment(),
      GITHUB_SHA: '1f2e',
      GITHUB_REPOSITORY: 'octo/app',
      GITHUB_RUN_ID: '7',
    };
    const first = await run(inputs, env);
    expect(first).toMatchObject({
      exitCode: 0,
      outputs: {
        changed: 'true',
        registered: 'true',
        'task-definition-arn': 'arn:aws:ecs:us-east-1:123456789012:task-definition/web:1',
      },
    });
    const [sent] = aws.requests.filter(({ operation }) => operation === 'RegisterTaskDefinition');
    expect(sent?.input).toMatchObject({
      futureMember: 1,
      tags: [
        { key: 'ecs-actions:commit', value: '1f2e' },
        { key: 'ecs-actions:run', value: 'https://github.com/octo/app/actions/runs/7' },
      ],
    });
    const second = await run(inputs, { ...env, GITHUB_SHA: '3d4c' });
    expect(second).toMatchObject({ outputs: { changed: 'false', registered: 'false' } });
    expect(await revisions()).toEqual(['web:1']);
  });

  it('loses older revisions that nothing needs', async () => {
    for (const memory of ['1024', '2048', '3072']) await register({ memory });
    const step = await run({
      'task-definition': 'web',
      memory: '4096',
      register: 'true',
      'deregister-older': '2',
    });
    expect(step.exitCode).toBe(0);
    expect(await revisions()).toEqual(['web:3', 'web:4']);
  });

  it('takes the cluster from the ARN of a service', async () => {
    await register({ memory: '2048' });
    await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
    const { service } = await ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName: 'web',
        taskDefinition: 'web:1',
        desiredCount: 1,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
      }),
    );
    const step = await run({ service: service?.serviceArn ?? '' });
    expect(await rendered(step)).toMatchObject({ memory: '2048' });
    expect(step.annotations).toEqual([]);
  });

  it('is asked for nothing by inputs that need another one, which is said', async () => {
    const step = await render({ cluster: 'prod', 'deregister-older': '2', 'task-definition-revision': 'x' });
    expect(step).toMatchObject({
      exitCode: 0,
      annotations: [
        {
          level: 'notice',
          message: expect.stringContaining('task-definition-revision is of no use beside a file'),
        },
        { level: 'notice', message: expect.stringContaining('cluster is of no use without service') },
        {
          level: 'notice',
          message: expect.stringContaining('deregister-older is of no use without register'),
        },
      ],
    });
  });

  it('says what it does not have', async () => {
    const step = await run({ 'task-definition': 'nothing' });
    expect(step).toMatchObject({ exitCode: 1, annotations: [{ title: 'TASK_DEFINITION_NOT_FOUND' }] });
  });
});
