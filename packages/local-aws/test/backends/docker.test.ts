import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BackendEvent, ContainerSpec } from '../../src/backends/backend.js';
import { createDockerBackend } from '../../src/backends/docker.js';
import type { World } from '../../src/world/world.js';

/** An image with busybox's applets that the engine already holds. */
const base = process.env['ECS_ACTIONS_DEMO_BASE'] ?? 'busybox:stable-musl';
const required = process.env['ECS_ACTIONS_REQUIRE_DOCKER'] === '1';
const ready = required || engineHolds(base);

function engineHolds(image: string): boolean {
  try {
    execFileSync('docker', ['image', 'inspect', image], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const world: World = {
  clock: {
    kind: 'real',
    now: Date.now,
    schedule: () => ({ cancel: () => {} }),
    advance: async () => {},
    clear: () => {},
  },
  accountId: '123456789012',
  region: 'us-east-1',
  host: () => '127.0.0.1:1',
};

const container = (name: string, command: string, more: Partial<ContainerSpec> = {}): ContainerSpec => ({
  name,
  image: base,
  essential: true,
  command: ['/bin/sh', '-c', command],
  environment: {},
  dockerLabels: {},
  portMappings: [],
  dependsOn: [],
  stopTimeoutMs: 2_000,
  log: { group: '/ecs', stream: name },
  ...more,
});

if (!ready) it.skip(`skipped: needs a Docker engine that holds ${base}`, () => {});
(ready ? describe : describe.skip)('tasks as real containers', () => {
  const lines: string[] = [];
  const sink = {
    hasGroup: () => true,
    createGroup: () => {},
    write: (_group: string, stream: string, written: readonly { message: string }[]) =>
      void lines.push(...written.map(({ message }) => `${stream}: ${message}`)),
  };
  let backend: ReturnType<typeof createDockerBackend>;
  beforeAll(() => {
    backend = createDockerBackend(world, { logs: sink, registryPassword: () => 'password' });
  });
  afterAll(() => backend.close());

  let number = 0;
  const start = (...containers: ContainerSpec[]) => {
    number += 1;
    const events: BackendEvent[] = [];
    const waiting = new Set<() => void>();
    const task = backend.start(
      {
        taskArn: `arn:aws:ecs:us-east-1:123456789012:task/c/t${number}`,
        taskId: `t${number}`,
        clusterName: 'c',
        family: 'f',
        accountId: '123456789012',
        region: 'us-east-1',
        launchType: 'FARGATE',
        containers,
      },
      (event) => {
        events.push(event);
        for (const wake of waiting) wake();
      },
    );
    const until = async (type: BackendEvent['type'], count = 1) => {
      while (events.filter((event) => event.type === type).length < count)
        await new Promise<void>((resolve) => waiting.add(resolve));
      return events.filter((event) => event.type === type);
    };
    return { task, events, until };
  };

  it('report exit code and log of a container that ends', async () => {
    const { until } = start(container('job', 'echo "hello $WHO"; exit 3', { environment: { WHO: 'world' } }));
    expect(await until('container-stopped')).toEqual([
      { type: 'container-stopped', container: 'job', exitCode: 3 },
    ]);
    expect(lines).toContain('job: hello world');
  });

  it('serve on a loopback port and end when told to', async () => {
    const { task, until } = start(
      container(
        'web',
        'mkdir -p /www; echo hi >/www/index.html; trap "exit 0" TERM; httpd -f -p 80 -h /www & wait',
        {
          portMappings: [{ containerPort: 80, protocol: 'tcp' }],
        },
      ),
    );
    const [running] = await until('container-running');
    const port = running?.type === 'container-running' ? running.hostPorts[0]?.hostPort : undefined;
    expect(await fetch(`http://127.0.0.1:${port}/`).then((response) => response.text())).toBe('hi\n');
    task.stop();
    expect(await until('container-stopped')).toMatchObject([{ container: 'web', exitCode: 0 }]);
  });

  it('start containers in the order of their dependencies, in one network', async () => {
    const { until } = start(
      container('app', 'until wget -q -O - http://127.0.0.1:81/; do sleep 0.1; done', {
        dependsOn: [
          { containerName: 'init', condition: 'SUCCESS' },
          { containerName: 'side', condition: 'START' },
        ],
      }),
      container('init', 'exit 0'),
      container('side', 'mkdir -p /www; echo side >/www/index.html; httpd -f -p 81 -h /www & sleep 2', {
        essential: false,
      }),
    );
    await until('container-stopped', 3);
    expect(lines).toContain('app: side');
  });

  it.each([
    ['an image that no registry has', { image: '127.0.0.1:1/none:1' }, /^CannotPullContainerError: .+/],
    [
      'a command that the image lacks',
      { command: ['/no/such/program'] },
      /^CannotStartContainerError: .*no such file/s,
    ],
  ])('say why %s does not start', async (_what, more, reason) => {
    const { until } = start(container('bad', 'true', more));
    const [failure] = await until('start-failed');
    expect(failure).toMatchObject({ container: 'bad', reason: expect.stringMatching(reason) });
  });

  it('do not start what depends on the success of a container that fails', async () => {
    const { events, until } = start(
      container('app', 'echo never', { dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] }),
      container('init', 'exit 4', { essential: false }),
    );
    expect(await until('start-failed')).toMatchObject([
      { container: 'app', reason: expect.stringMatching(/^DependencyFailed/) },
    ]);
    expect(events).not.toContainEqual(
      expect.objectContaining({ type: 'container-running', container: 'app' }),
    );
  });

  it('leave no container behind', async () => {
    start(container('forever', 'sleep 600'));
    await backend.close();
    const left = execFileSync('docker', [
      'ps',
      '--all',
      '--quiet',
      '--filter',
      'label=local-aws.world',
    ]).toString();
    expect(left).toBe('');
  });
});
