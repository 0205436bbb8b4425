// A team's repository on a GitHub of this machine: act is the runner, the embedded AWS that this runs under is AWS and
// the issuer of ID tokens, and the workflows are those of examples/workflows. All of it is on 127.0.0.1.
//   local-aws exec --clock 20 --region eu-central-1 -- node rehearse.mjs ACT LIBRARY FOLDER
// LIBRARY is this repository as `uses:` fetches it, FOLDER an empty one to work in.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { CreateClusterCommand, DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import { parse, stringify } from 'yaml';
import { writeImageLayout } from '../../scripts/dist/demo/oci-layout.js';
import { git, serveCompare } from './github.mjs';
import { playWorkflow } from './play.mjs';

const [act, library, folder] = process.argv.slice(2).map((path) => resolve(path));
const { AWS_ENDPOINT_URL: aws, AWS_REGION: region } = process.env;
const REPOSITORY = 'octo-org/octo-app';
const GITHUB_TOKEN = `ghs_${randomBytes(18).toString('hex')}`;

const SETUP_TERRAFORM = 'hashicorp/setup-terraform@dfe3c3f87815947d99a8997f908cb6525fc44e9e';
const DATABASE_PASSWORD = 'correct-horse-battery-staple';

const app = join(folder, 'octo-app');
const home = join(folder, 'home');
const ecs = new ECSClient({});
await mkdir(home, { recursive: true });
await createRepository();
await trust('github-deploy', 'environment:production');
await trust('github-plan', 'pull_request');
await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
const github = await serveCompare(app, GITHUB_TOKEN);
let runs = 0;

try {
  heading('The first deployment: repository and service are created');
  await release('v1');
  const first = await play('deploy.yml');
  assertDeployed(first, { result: 'success', outcome: 'succeeded' });
  assert.match(textOf(first, 'deploy'), /001-create-users applied/, 'the migration ran');
  assert.equal(await runningRevision(), 'web:1');

  heading('A healthy update');
  await release('v2');
  assertDeployed(await play('deploy.yml'), { result: 'success', outcome: 'succeeded' });
  assert.equal(await runningRevision(), 'web:2');

  heading('A broken update, which ECS rolls back');
  await release('v3', {
    'local-aws.behaviour': 'exit:1',
    'local-aws.log': 'web v3: fatal: PORT is "80a80", which is not a number',
  });
  const broken = await play('deploy.yml');
  assertDeployed(broken, { result: 'failure', outcome: 'rolled-back' });
  assert.match(textOf(broken, 'deploy'), /PORT is "80a80"/, 'the log tells why');
  assert.match(broken.jobs.deploy.summaries.join('\n'), /PORT is "80a80"/, 'the summary tells why');
  assert.equal(await runningRevision(), 'web:2');

  heading('An older commit, run again');
  const newest = await git(app, 'rev-parse', 'HEAD');
  await git(app, 'checkout', '--quiet', '-B', 'main', 'HEAD~2');
  const older = await play('deploy.yml');
  assertDeployed(older, { result: 'failure', outcome: undefined });
  assert.match(textOf(older, 'deploy'), /DEPLOYMENT_OUT_OF_ORDER/);
  assert.doesNotMatch(textOf(older, 'deploy'), /001-create-users/, 'it is refused before it migrates');
  assert.ok(
    github.asked.some(({ status }) => status === 'behind'),
    'GitHub was asked for the order',
  );
  assert.equal(await runningRevision(), 'web:2');
  await git(app, 'checkout', '--quiet', '-B', 'main', newest);

  heading('Back by hand');
  const back = await play('rollback.yml', { event: 'workflow_dispatch', inputs: { to: 'true' } });
  assert.deepEqual([back.exitCode, back.jobs.rollback?.result], [0, 'success']);
  assert.equal(Object.values(back.jobs.rollback.outputs)[0].outcome, 'succeeded');
  assert.equal(await runningRevision(), 'web:1');

  heading('The plan of a pull request');
  if (canPlan()) await playPlan();
  else console.log('skipped: needs terraform or tofu: plan.yml');
} finally {
  github.stop();
  ecs.destroy();
}
console.log('Every workflow did what it should.');

/** Terraform is asked for nothing but its own resource, which needs no provider. */
async function playPlan() {
  const plan = await play('plan.yml', {
    event: 'pull_request',
    eventFile: await pullRequest(),
    claims: { event_name: 'pull_request' },
  });
  assert.deepEqual([plan.exitCode, plan.jobs.plan?.result], [0, 'success']);
  assert.equal(Object.values(plan.jobs.plan.outputs)[0].outcome, 'changes');
  assert.match(plan.jobs.plan.summaries.join('\n'), /terraform_data\.service/);
  assert.doesNotMatch(
    JSON.stringify(plan.entries),
    new RegExp(DATABASE_PASSWORD),
    'no secret of the plan is told',
  );
}

function canPlan() {
  if (process.env.ECS_ACTIONS_REQUIRE_TERRAFORM === '1') return true;
  return ['terraform', 'tofu'].some((name) => spawnSync(name, ['version']).status === 0);
}

/** The repository of the team: the example's app, and the example's workflows with what this place calls for. */
async function createRepository() {
  await cp('examples/app', app, { recursive: true });
  await mkdir(join(app, '.github/workflows'), { recursive: true });
  await mkdir(join(app, '.aws'));
  for (const name of ['task-definition', 'migration']) {
    const definition = JSON.parse(await readFile(`examples/app/${name}.json`, 'utf8'));
    for (const container of definition.containerDefinitions) {
      container.logConfiguration.options['awslogs-region'] = region;
      // Containers are scripted: without a word they run for ever, as a server does.
      if (name === 'migration')
        container.dockerLabels = {
          'local-aws.behaviour': 'exit:0',
          'local-aws.log': '001-create-users applied',
        };
    }
    await writeFile(join(app, `.aws/${name}.json`), JSON.stringify(definition, null, 2));
  }
  await cp('examples/app/service.yml', join(app, '.aws/service.yml'));
  const call = parse(await readFile('examples/workflows/call-reusable.yml', 'utf8'));
  // Nothing builds here, and nothing stands yet.
  Object.assign(call.jobs.deploy.with, {
    'oci-layout': 'image',
    'create-repository': true,
    'service-definition': '.aws/service.yml',
    'migration-subnets': 'subnet-0123456789abcdef0',
  });
  await writeFile(join(app, '.github/workflows/deploy.yml'), stringify(call));
  for (const name of ['rollback.yml', 'plan.yml'])
    await cp(join('examples/workflows', name), join(app, '.github/workflows', name));
  await cp('examples/infra/main.tf', join(app, 'infra/main.tf'));
  await writeFile(
    join(app, 'infra/terraform.tfvars'),
    `image = "web"\ndatabase_password = "${DATABASE_PASSWORD}"\n`,
  );
  await git(app, 'init', '--quiet', '--initial-branch=main');
  await git(app, 'remote', 'add', 'origin', `https://github.com/${REPOSITORY}.git`);
}

/** A role that trusts what the rest of a token's subject names, and nothing else. */
async function trust(role, subject) {
  const condition = {
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
    'token.actions.githubusercontent.com:sub': `repo:${REPOSITORY}:${subject}`,
  };
  const trustPolicy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: {
          Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com',
        },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: condition },
      },
    ],
  };
  const response = await fetch(`${aws}/_local-aws/roles`, {
    method: 'PUT',
    body: JSON.stringify({ role, trustPolicy }),
  });
  assert.equal(response.status, 200, await response.text());
}

/** A commit with a new image of the app in it. */
async function release(version, labels = {}) {
  await writeFile(join(app, 'VERSION'), version);
  await writeImageLayout(join(app, 'image'), 'examples/app', {
    'org.opencontainers.image.version': version,
    ...labels,
  });
  await git(app, 'add', '--all');
  await git(app, 'commit', '--quiet', '--message', version);
}

/** What GitHub tells of a pull request within the repository. Returns the file that says it. */
async function pullRequest() {
  const file = join(folder, 'pull-request.json');
  const head = { ref: 'change', sha: await git(app, 'rev-parse', 'HEAD'), repo: { full_name: REPOSITORY } };
  await writeFile(
    file,
    JSON.stringify({ number: 7, pull_request: { number: 7, head, base: { ref: 'main' } } }),
  );
  return file;
}

/** Stands for an action that installs what is here already. Returns its folder. */
async function standIn(name) {
  const at = join(folder, name);
  await mkdir(at, { recursive: true });
  await writeFile(
    join(at, 'action.yml'),
    stringify({
      name,
      description: 'Does nothing.',
      runs: { using: 'composite', steps: [{ run: 'true', shell: 'sh' }] },
    }),
  );
  return at;
}

/** One run of a workflow, at the commit that is checked out. Whatever it does, nothing of it may be secret. */
async function play(workflow, { claims = { environment: 'production' }, ...options } = {}) {
  runs += 1;
  const { ACTIONS_ID_TOKEN_REQUEST_URL: tokenUrl, ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken } =
    process.env;
  const run = await playWorkflow(act, app, workflow, {
    home,
    library: { 'OWNER/ecs-actions@v1': library, [SETUP_TERRAFORM]: await standIn('setup-terraform') },
    path: process.env.PATH,
    secrets: { GITHUB_TOKEN },
    env: {
      AWS_ENDPOINT_URL: aws,
      ACTIONS_ID_TOKEN_REQUEST_URL: `${tokenUrl}&claims=${Buffer.from(JSON.stringify(claims)).toString('base64url')}`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      NO_PROXY: '127.0.0.1',
      GITHUB_API_URL: github.url,
      GITHUB_RUN_ID: String(1000 + runs),
      GITHUB_RUN_NUMBER: String(runs),
    },
    ...options,
  });
  await assertNothingLeaked(run, requestToken);
  return run;
}

/** Every job ran and ended so, and the caller is told what happened. */
function assertDeployed({ exitCode, jobs }, { result, outcome }) {
  const { deploy, tell } = jobs;
  assert.deepEqual([exitCode, deploy?.result], [result === 'success' ? 0 : 1, result]);
  assert.equal(deploy.outputs.deploy?.outcome, outcome);
  if (outcome !== undefined) assert.match(deploy.summaries.join('\n'), new RegExp(outcome.replace('-', '.')));
  // act ends a run with the called workflow that failed; GitHub goes on to the job that is to run always.
  if (result !== 'success') return;
  assert.equal(tell?.result, 'success');
  assert.match(textOf({ jobs }, 'tell'), new RegExp(`ended as ${outcome}`));
}

/**
 * What was masked, the runner's own tokens, and whatever looks like one of them: not in the log as people see it, nor
 * in an output or a summary, nor in a file that is there when the job is over.
 */
async function assertNothingLeaked({ entries, jobs }, requestToken) {
  const masked = Object.values(jobs).flatMap(({ masks }) => masks);
  assert.ok(masked.length >= 2, 'the session of the role was masked');
  const secrets = [...new Set([...masked, requestToken, GITHUB_TOKEN])];
  const shown = entries.filter(({ command }) => command !== 'add-mask');
  for (const { msg = '', arg = '', content = '' } of shown)
    for (const text of [msg, arg, content]) {
      assert.doesNotMatch(text, /eyJ[\w-]{20,}\.eyJ[\w-]+/, 'an ID token is shown');
      assert.ok(!secrets.some((secret) => text.includes(secret)), `a secret is shown: ${msg.slice(0, 60)}…`);
    }
  for (const entry of await readdir(home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name), 'latin1');
    assert.ok(!secrets.some((secret) => content.includes(secret)), `a secret is left in ${entry.name}`);
  }
}

function textOf({ jobs }, id) {
  return jobs[id]?.log.join('\n') ?? '';
}

/** `family:revision` of what the service runs. */
async function runningRevision() {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'prod', services: ['web'] }));
  return services[0]?.taskDefinition.split('/').at(-1);
}

function heading(text) {
  console.log(`\n== ${text}`);
}
