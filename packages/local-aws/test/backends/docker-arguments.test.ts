import { describe, expect, it } from '@jest/globals';
import type { ContainerSpec, TaskSpec } from '../../src/backends/backend.js';
import { createArguments, inStartOrder, pauseArguments } from '../../src/backends/docker-arguments.js';

const container = (name: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name,
  image: '127.0.0.1:5000/web:1',
  essential: true,
  environment: {},
  dockerLabels: {},
  portMappings: [],
  dependsOn: [],
  stopTimeoutMs: 30_000,
  ...more,
});
const task = (...containers: ContainerSpec[]): TaskSpec => ({
  taskArn: 'arn:aws:ecs:us-east-1:123456789012:task/prod/abc',
  taskId: 'abc',
  clusterName: 'prod',
  family: 'web',
  accountId: '123456789012',
  region: 'us-east-1',
  launchType: 'FARGATE',
  containers,
});
const first = { worldId: 'w', networkOf: undefined };

describe('the arguments of docker create', () => {
  it.each<[string, Partial<ContainerSpec>, string]>([
    [
      'the command after the image',
      { command: ['/app/run', '--fast'] },
      '127.0.0.1:5000/web:1 /app/run --fast',
    ],
    [
      'an entry point whole',
      { entryPoint: ['/bin/sh', '-c'], command: ['x'] },
      '--entrypoint /bin/sh 127.0.0.1:5000/web:1 -c x',
    ],
    ['names of variables, never values', { environment: { TOKEN: 'hush' } }, '--env TOKEN '],
    ['a memory limit', { memoryMiB: 64 }, '--memory 64m'],
    ['user and folder', { user: '1000', workingDirectory: '/srv' }, '--workdir /srv --user 1000'],
  ])('hold %s', (_what, more, expected) => {
    const spec = container('web', more);
    const line = createArguments(task(spec), spec, first).join(' ');
    expect(line).toContain(expected);
    expect(line).not.toContain('hush');
  });

  it('publish the ports of all containers in one place, whose network the others join', () => {
    const web = container('web', { portMappings: [{ containerPort: 80, protocol: 'tcp' }] });
    const proxy = container('proxy', { portMappings: [{ containerPort: 53, protocol: 'udp' }] });
    expect(pauseArguments(task(web, proxy), 'w', 'pause').join(' ')).toContain(
      '--publish 127.0.0.1::80/tcp --publish 127.0.0.1::53/udp',
    );
    const joined = createArguments(task(web, proxy), proxy, { worldId: 'w', networkOf: 'id1' }).join(' ');
    expect(joined).toContain('--network container:id1');
    expect(joined).not.toContain('--publish');
  });

  it.each([[['CMD', 'test', "it's"]], [['test', "it's"]]])(
    'keep the words of the health check %j whole',
    (command) => {
      const times = { intervalMs: 5000, timeoutMs: 2000, retries: 3, startPeriodMs: 0 };
      const spec = container('web', { healthCheck: { command, ...times } });
      expect(createArguments(task(spec), spec, first)).toEqual(
        expect.arrayContaining(['--health-cmd', "'test' 'it'\\''s'", '--health-interval', '5000ms']),
      );
    },
  );
});

it('containers start after those they depend on', () => {
  const app = container('app', { dependsOn: [{ containerName: 'proxy', condition: 'HEALTHY' }] });
  const proxy = container('proxy', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] });
  expect(inStartOrder([app, proxy, container('init')]).map(({ name }) => name)).toEqual([
    'init',
    'proxy',
    'app',
  ]);
});
