// Our deploy-service beside another implementation, both against the embedded AWS on the wall's clock.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { startLocalAws } from '../../packages/local-aws/dist/index.js';

const { values: options } = parseArgs({
  options: {
    ours: {
      type: 'string',
      default: fileURLToPath(new URL('../../actions/deploy-service', import.meta.url)),
    },
    theirs: { type: 'string' },
    runs: { type: 'string', default: '15' },
    rollouts: { type: 'string', default: '4' },
    'start-seconds': { type: 'string', default: '5' },
    node: { type: 'string', default: process.execPath },
  },
});
const runs = Number(options.runs);
const rollouts = Number(options.rollouts);
const sides = {
  ours: resolve(options.ours, 'dist/index.js'),
  ...(options.theirs !== undefined && { theirs: resolve(options.theirs, 'dist/index.js') }),
};
const names = Object.keys(sides);

const figures = Object.fromEntries(names.map((side) => [side, {}]));
await benchWithoutWaiting();
if (rollouts > 0) await benchWaiting();
for (const side of names) figures[side]['bundle, KB'] = bundleSize(dirname(sides[side])) / 1000;
print();

/** Start to the first request, the whole run, memory, and calls of a step that does not wait. */
async function benchWithoutWaiting() {
  const aws = await startLocalAws({ clock: 'real' });
  await prepare(aws, ['web']);
  const samples = Object.fromEntries(names.map((side) => [side, []]));
  for (let run = -1; run < runs; run += 1) {
    // In turn, so that both meet the same load. The first run of each finds cold caches.
    for (const side of names) {
      const seen = aws.requests.length;
      const step = await runStep(sides[side], aws, 'web', { wait: false, version: `${side}-${run}` });
      const requests = aws.requests.slice(seen);
      if (run >= 0) samples[side].push({ ...step, requests });
    }
  }
  await aws.stop();
  for (const side of names) {
    const of = (pick) => median(samples[side].map(pick));
    figures[side]['first request, ms'] = of(({ requests, startedAt }) => requests[0].at - startedAt);
    figures[side]['whole run without waiting, ms'] = of(({ endedAt, startedAt }) => endedAt - startedAt);
    figures[side]['calls without waiting'] = of(({ requests }) => requests.length);
    figures[side]['peak memory, MB'] = of(({ memoryKb }) => memoryKb / 1000);
  }
}

/** Rollouts side by side, each on a service of its own: how long after its end the step ends. */
async function benchWaiting() {
  const aws = await startLocalAws({ clock: 'real' });
  const services = names.flatMap((side) =>
    Array.from({ length: rollouts }, (_, index) => `${side}-${index}`),
  );
  const ecs = await prepare(aws, services, { keep: true });
  await new Promise((resolve) => setTimeout(resolve, 80_000));
  const ended = await Promise.all(
    services.map(async (service) => {
      const [side] = service.split('-');
      const step = await runStep(sides[side], aws, service, {
        wait: true,
        version: `slow-${options['start-seconds']}s`,
        family: service,
      });
      const { services: found } = await ecs.send(
        new DescribeServicesCommand({ cluster: 'prod', services: [service] }),
      );
      const [deployment] = found[0].deployments;
      const completedAt = deployment.updatedAt.getTime();
      return {
        side,
        status: step.status,
        lag: (step.endedAt - completedAt) / 1000,
        took: (completedAt - step.startedAt) / 1000,
      };
    }),
  );
  ecs.destroy();
  await aws.stop();
  for (const side of names) {
    const own = ended.filter((one) => one.side === side);
    figures[side]['rollout, s'] = median(own.map(({ took }) => took));
    figures[side]['detection lag: median, s'] = median(own.map(({ lag }) => lag));
    figures[side]['detection lag: longest, s'] = Math.max(...own.map(({ lag }) => lag));
    figures[side]['failed steps'] = own.filter(({ status }) => status !== 0).length;
  }
}

async function prepare(aws, services, { keep = false } = {}) {
  const ecs = new ECSClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials });
  await ecs.send(new CreateClusterCommand({ clusterName: 'prod' }));
  for (const serviceName of services) {
    const family = keep ? serviceName : 'web';
    await ecs.send(new RegisterTaskDefinitionCommand(taskDefinition(family, 'v1')));
    await ecs.send(
      new CreateServiceCommand({
        cluster: 'prod',
        serviceName,
        taskDefinition: family,
        desiredCount: 1,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'] } },
      }),
    );
  }
  if (!keep) ecs.destroy();
  return ecs;
}

function taskDefinition(family, version) {
  return {
    family,
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '256',
    memory: '512',
    containerDefinitions: [{ name: 'app', image: `public.ecr.aws/acme/web:${version}` }],
  };
}

/** Runs a bundle as a step; when it started and ended (epoch ms), and its peak memory. */
function runStep(bundle, aws, service, { wait, version, family = 'web' }) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-deploy-'));
  for (const file of ['output', 'state', 'env', 'summary']) writeFileSync(join(folder, file), '');
  writeFileSync(join(folder, 'task-definition.json'), JSON.stringify(taskDefinition(family, version)));
  // Peak memory is read by the process itself, at its very end.
  const memory = join(folder, 'memory');
  const probe = `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(memory)}, String(process.resourceUsage().maxRSS)))`;
  writeFileSync(join(folder, 'probe.cjs'), probe);
  const env = {
    ...aws.environment(),
    PATH: process.env.PATH,
    HOME: folder,
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_ENV: join(folder, 'env'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    GITHUB_WORKSPACE: folder,
    RUNNER_TEMP: folder,
    'INPUT_TASK-DEFINITION': 'task-definition.json',
    INPUT_SERVICE: service,
    INPUT_CLUSTER: 'prod',
    'INPUT_WAIT-FOR-SERVICE-STABILITY': String(wait),
  };
  return new Promise((resolve) => {
    const startedAt = Date.now();
    const child = spawn(options.node, ['--require', join(folder, 'probe.cjs'), bundle], {
      env: Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)),
      cwd: folder,
      stdio: 'ignore',
    });
    child.on('close', (status) => {
      const endedAt = Date.now();
      const memoryKb = Number(readFileSync(memory, 'utf8'));
      rmSync(folder, { recursive: true });
      resolve({ status, startedAt, endedAt, memoryKb });
    });
  });
}

/** Bytes of all scripts of a bundle: a part that is loaded on demand belongs to it. */
function bundleSize(folder) {
  return readdirSync(folder)
    .filter((name) => /\.[cm]?js$/.test(name))
    .reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
}

function print() {
  const { ours, theirs } = figures;
  for (const [name, value] of Object.entries(ours)) {
    const other = theirs?.[name];
    const ratio = other === undefined || other === 0 ? '' : `   ratio ${(value / other).toFixed(2)}`;
    const beside = other === undefined ? '' : `   theirs ${other.toFixed(1).padStart(8)}`;
    console.log(`${name.padEnd(30)} ours ${value.toFixed(1).padStart(8)}${beside}${ratio}`);
  }
}
