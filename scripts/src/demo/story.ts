import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CreateClusterCommand, DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { LocalAws } from '@ecs-actions/local-aws';
import type { Engine } from './engine.js';
import { Job } from './job.js';
import { writeImageLayout } from './oci-layout.js';
import { bold, cyan, dim, green, heading, say } from './print.js';

export interface Stage {
  readonly aws: LocalAws;
  readonly engine: Engine;
  readonly root: string;
  /** Where the job summaries go. */
  readonly summaries: string;
  readonly signal: AbortSignal;
}

interface Release {
  readonly version: string;
  readonly commit: string;
  readonly runNumber: number;
  /** The configuration that is built in; the broken one makes the server refuse to start. */
  readonly config: 'config/web.conf' | 'config/broken.conf';
}

const REPOSITORY = 'octo-org/octo-app';
const CLUSTER = 'prod';

/** Plays the three acts. Rejects if one of them does not end as it should, and when `signal` aborts. */
export async function playStory(stage: Stage): Promise<void> {
  const ecs = await operator(stage.aws);
  try {
    heading('Act one: the first deployment');
    say(`\n${cyan('● aws ecs create-cluster')} ${dim('(by hand, or by Terraform)')}`);
    const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    say(`  ${green('✓')} ${cluster?.clusterArn ?? ''} is ${cluster?.status ?? ''}`);
    await ship(stage, { version: 'v1', commit: 'a1'.repeat(20), runNumber: 1, config: 'config/web.conf' });
    await showAnswer(stage, ecs, 'web v1');

    heading('Act two: a healthy update');
    await ship(stage, { version: 'v2', commit: 'b2'.repeat(20), runNumber: 2, config: 'config/web.conf' });
    await showAnswer(stage, ecs, 'web v2');

    heading('Act three: a broken update');
    say('Its container exits at once. The circuit breaker notices, and ECS goes back to v2.');
    await ship(stage, { version: 'v3', commit: 'c3'.repeat(20), runNumber: 3, config: 'config/broken.conf' });
    await showAnswer(stage, ecs, 'web v2');
  } finally {
    ecs.destroy();
  }
}

/** A client for what the pipeline does not do itself, with credentials taken as the pipeline takes its own. */
async function operator(aws: LocalAws): Promise<ECSClient> {
  const sts = new STSClient({ endpoint: aws.endpoint, region: aws.region });
  const { Credentials: keys } = await sts.send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: roleArn(aws),
      RoleSessionName: 'demo-operator',
      WebIdentityToken: await aws.issuer.mint(),
    }),
  );
  sts.destroy();
  return new ECSClient({
    endpoint: aws.endpoint,
    region: aws.region,
    credentials: {
      accessKeyId: keys?.AccessKeyId ?? '',
      secretAccessKey: keys?.SecretAccessKey ?? '',
      sessionToken: keys?.SessionToken ?? '',
    },
  });
}

function roleArn({ accountId }: LocalAws): string {
  return `arn:aws:iam::${accountId}:role/github-deploy`;
}

/** One run of the pipeline: every step's outputs feed the next one. */
async function ship(stage: Stage, release: Release): Promise<void> {
  const { aws, engine, root } = stage;
  const broken = release.config === 'config/broken.conf';
  const job = new Job(release.version, {
    env: jobEnvironment(aws, release),
    summaries: stage.summaries,
    signal: stage.signal,
  });
  const layout = await mkdtemp(join(tmpdir(), 'ecs-actions-image-'));
  const common = { 'aws-region': aws.region, 'role-to-assume': roleArn(aws) };
  try {
    const login = await job.step('login-ecr', common);
    const build = await job.step('build-push', {
      ...common,
      image: `${login.outputs['registry'] ?? ''}/web`,
      tags: release.version,
      'create-repository': 'true',
      ...(await imageSource(engine, root, layout, release)),
    });
    const image = build.outputs['image'] ?? '';
    const render = (file: string, container: string) =>
      job.step('render-taskdef', {
        ...common,
        'task-definition': join('examples', 'app', file),
        images: `${container}=${image}`,
        ...(engine.kind === 'layout' && container === 'migrate'
          ? { 'docker-labels': SCRIPT_OF_THE_MIGRATION }
          : {}),
      });
    const migration = await render('migration.json', 'migrate');
    await job.step('run-task', {
      ...common,
      cluster: CLUSTER,
      'task-definition': migration.outputs['task-definition'] ?? '',
      subnets: 'subnet-0123456789abcdef0',
      'security-groups': 'sg-0123456789abcdef0',
    });
    const web = await render('task-definition.json', 'web');
    await job.step(
      'deploy-service',
      {
        ...common,
        cluster: CLUSTER,
        service: 'web',
        'task-definition': web.outputs['task-definition'] ?? '',
        'create-if-missing': 'true',
        'service-definition': join('examples', 'app', 'service.yml'),
        'wait-for-service-stability': 'true',
      },
      broken ? 1 : 0,
    );
    if (!broken) await planInfrastructure(job, common, image);
  } finally {
    await job.finish();
    await rm(layout, { recursive: true, force: true });
  }
}

/** The plan is real where there is something to make it with; otherwise the step says what it needs, and that is that. */
async function planInfrastructure(job: Job, common: Record<string, string>, image: string): Promise<void> {
  const possible = (await isOnPath('terraform')) || (await isOnPath('tofu'));
  const inputs = {
    ...common,
    'working-directory': join('examples', 'infra'),
    variables: `image = "${image}"\ndatabase_password = "correct-horse-battery-staple"`,
  };
  await job.step('terraform-plan', inputs, possible ? 0 : 1);
  if (!possible) say('  The plan was left out: it needs terraform or tofu on the PATH.');
}

async function isOnPath(program: string): Promise<boolean> {
  const tries = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => access(join(folder, program), constants.X_OK));
  return (await Promise.allSettled(tries)).some(({ status }) => status === 'fulfilled');
}

async function imageSource(
  engine: Engine,
  root: string,
  layout: string,
  { version, config }: Release,
): Promise<Record<string, string>> {
  const source = join(root, 'examples', 'app');
  if (engine.kind === 'docker')
    return {
      context: join('examples', 'app'),
      'build-args': `BASE=${engine.base}\nVERSION=${version}\nCONFIG=${config}`,
    };
  await writeImageLayout(layout, source, {
    'org.opencontainers.image.version': version,
    ...(config === 'config/broken.conf' ? SCRIPT_OF_THE_BROKEN_VERSION : {}),
  });
  return { 'oci-layout': layout };
}

/** What the migration's container would do and say, for tasks that are scripted. */
const SCRIPT_OF_THE_MIGRATION = [
  'local-aws.behaviour=exit:0',
  'local-aws.log=migrate: 2 migrations applied',
].join('\n');

/** What the broken version's container would do and say, for tasks that are scripted. */
const SCRIPT_OF_THE_BROKEN_VERSION = {
  'local-aws.behaviour': 'exit:1',
  'local-aws.log': [
    'web v3: reading /etc/web.conf',
    'web v3: fatal: PORT is "80a80", which is not a number',
  ].join('\n'),
};

/** The environment that GitHub gives to a job: an offer of ID tokens, and no AWS key anywhere. */
function jobEnvironment(aws: LocalAws, { commit, runNumber }: Release): Record<string, string | undefined> {
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    ACTIONS_ID_TOKEN_REQUEST_URL: aws.issuer.idTokenRequestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: aws.issuer.idTokenRequestToken,
    NO_PROXY: '127.0.0.1,localhost',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    DOCKER_HOST: process.env['DOCKER_HOST'],
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_SHA: commit,
    GITHUB_REF: 'refs/heads/main',
    GITHUB_WORKFLOW: 'deploy',
    GITHUB_RUN_ID: String(1_000 + runNumber),
    GITHUB_RUN_NUMBER: String(runNumber),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SERVER_URL: 'https://github.com',
  };
}

/** With real containers, asks the service itself which version answers. */
async function showAnswer({ engine, signal }: Stage, ecs: ECSClient, expected: string): Promise<void> {
  if (engine.kind !== 'docker') return;
  const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster: CLUSTER, serviceName: 'web' }));
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));
  const ports = tasks.flatMap(({ containers = [] }) =>
    containers.flatMap(({ networkBindings = [] }) => networkBindings.map(({ hostPort }) => hostPort)),
  );
  if (ports.length === 0) throw new Error('No task of service web publishes a port.');
  for (const port of ports) {
    const answer = (await (await fetch(`http://127.0.0.1:${port}/`, { signal })).text()).trim();
    if (answer !== expected)
      throw new Error(`Port ${port} of service web answers "${answer}", not "${expected}".`);
    say(`  ${green('✓')} http://127.0.0.1:${port}/ ${dim('answers')} ${bold(answer)}`);
  }
}
