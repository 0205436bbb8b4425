// Wall time of a step that renders a file, beside another implementation; and the time of the work alone.
import * as core from '../../packages/core/dist/task-definition/index.js';
import { readOptions, runStep } from './steps.mjs';

const { ours, theirs, runs, node } = readOptions();
const text = JSON.stringify(largeDocument(), null, 2);
const inputs = { 'container-name': 'container-0', image: 'registry.example.com/app:2.0' };

const sides = { ours, ...(theirs !== undefined && { theirs }) };
const times = Object.fromEntries(Object.keys(sides).map((side) => [side, []]));
for (let run = -1; run < runs; run += 1) {
  for (const [side, bundle] of Object.entries(sides)) {
    const { status, stdout, ms } = runStep(bundle, node, text, inputs);
    if (status !== 0) throw new Error(`${side} failed:\n${stdout}`);
    // The first run of each finds cold caches.
    if (run >= 0) times[side].push(ms);
  }
}
for (const [side, list] of Object.entries(times)) {
  console.log(
    `${side.padEnd(7)} median ${median(list).toFixed(1)} ms, fastest ${Math.min(...list).toFixed(1)} ms`,
  );
}
if (theirs !== undefined) {
  console.log(`ratio   ${(median(times.ours) / median(times.theirs)).toFixed(2)} of theirs`);
}

const size = `${Math.round(Buffer.byteLength(text) / 1024)} KiB in 10 containers`;
await measureWork(`render, validate and diff ${size}`, () => undefined);
await measureWork(`the same, every variable and secret changed`, everyVariableAndSecret);

async function measureWork(what, makePatch) {
  const work = [];
  for (let run = 0; run < 50; run += 1) {
    const source = await core.parseTaskDefinition(text, 'task-definition.json');
    const edits = { images: { 'container-0': 'app:2.0' }, patch: makePatch(source.document) };
    const start = performance.now();
    const rendered = core.renderTaskDefinition(source.document, edits);
    core.validateTaskDefinition(rendered, { source });
    core.diffTaskDefinitions(source.document, rendered);
    work.push(performance.now() - start);
  }
  console.log(
    `work    ${what}: median ${median(work).toFixed(1)} ms, fastest ${Math.min(...work).toFixed(1)} ms, ` +
      `first ${work[0].toFixed(1)} ms`,
  );
}

/** A patch after which a difference has a line for every variable and every secret. */
function everyVariableAndSecret({ containerDefinitions }) {
  return {
    containerDefinitions: containerDefinitions.map(({ name, environment, secrets }) => ({
      name,
      environment: environment.map((variable) => ({ ...variable, value: `${variable.value}, changed` })),
      secrets: secrets.map((secret) => ({ ...secret, valueFrom: `${secret.valueFrom}-2` })),
    })),
  };
}

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
}

function largeDocument() {
  const containerDefinitions = Array.from({ length: 10 }, (_, index) => ({
    name: `container-${index}`,
    image: `123456789012.dkr.ecr.eu-central-1.amazonaws.com/app-${index}:1.0`,
    essential: index === 0,
    cpu: 64,
    memoryReservation: 128,
    portMappings: [{ containerPort: 8000 + index, protocol: 'tcp' }],
    environment: Array.from({ length: 45 }, (_, at) => ({
      name: `VARIABLE_${at}`,
      value: `value ${at} of container ${index}`,
    })),
    secrets: Array.from({ length: 8 }, (_, at) => ({
      name: `SECRET_${at}`,
      valueFrom: `arn:aws:ssm:eu-central-1:123456789012:parameter/app/${index}/${at}`,
    })),
    dependsOn: index === 0 ? [] : [{ containerName: 'container-0', condition: 'HEALTHY' }],
    healthCheck: { command: ['CMD-SHELL', 'curl -f http://localhost/ || exit 1'] },
    logConfiguration: {
      logDriver: 'awslogs',
      options: {
        'awslogs-group': '/ecs/app',
        'awslogs-region': 'eu-central-1',
        'awslogs-stream-prefix': `container-${index}`,
      },
    },
  }));
  return {
    family: 'app',
    executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
    networkMode: 'awsvpc',
    requiresCompatibilities: ['FARGATE'],
    cpu: '1024',
    memory: '2048',
    containerDefinitions,
  };
}
