import type { Timer } from '../world/clock.js';
import type { FindImage, ImageLookup, LogSink } from '../world/ports.js';
import type { World } from '../world/world.js';
import {
  DEPENDENCY_FAILED,
  type Backend,
  type BackendEvent,
  type ContainerSpec,
  type TaskSpec,
} from './backend.js';
import { type Behaviour, chooseBehaviour, LOG_LABEL, REASON_LABEL } from './behaviour.js';

/** How long a scripted container takes for what every container does, in milliseconds. */
const PULL_MS = 5_000;
const PULL_RETRIES_MS = 20_000;
const STOP_MS = 2_000;
const FIRST_CHECK_OF_TARGET_MS = 10_000;
const FIRST_EPHEMERAL_PORT = 49_153;
const EPHEMERAL_PORTS = 16_383;

const NO_CAPACITY =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone';

/** SIGTERM ended it: what a container without a handler of its own reports. */
const TERMINATED = 143;

/**
 * Plays containers by script on the world's clock: nothing is executed. What a container does is
 * chosen by `chooseBehaviour`; an image missing from the local registry cannot be pulled, one of
 * any other host is there.
 */
export function createScriptedBackend(world: World, ports: { findImage: FindImage; logs: LogSink }): Backend {
  const playing = new Set<ReturnType<typeof playTask>>();
  let lastPort = 0;
  const nextPort = (): number => FIRST_EPHEMERAL_PORT + (lastPort++ % EPHEMERAL_PORTS);
  return {
    kind: 'scripted',
    findNoCapacity(task) {
      const refused = readScript(task, ports.findImage).find(
        ({ behaviour }) => behaviour.kind === 'no-capacity',
      );
      return refused && (refused.labels[REASON_LABEL] ?? NO_CAPACITY);
    },
    start(task, emit) {
      const play = playTask(world, ports, nextPort, task, emit);
      playing.add(play);
      return { stop: play.stop };
    },
    close() {
      for (const play of playing) play.abandon();
      playing.clear();
      return Promise.resolve();
    },
  };
}

type ContainerState = 'waiting' | 'running' | 'stopped';

interface Script {
  readonly spec: ContainerSpec;
  readonly behaviour: Behaviour;
  readonly lookup: ImageLookup;
  /** Of the image, and over them those of the container definition. */
  readonly labels: Readonly<Record<string, string>>;
}

interface Part extends Script {
  state: ContainerState;
  healthy: boolean;
  exitCode?: number;
}

function playTask(
  { clock }: World,
  { findImage, logs }: { findImage: FindImage; logs: LogSink },
  nextPort: () => number,
  task: TaskSpec,
  emit: (event: BackendEvent) => void,
): { readonly stop: () => void; readonly abandon: () => void } {
  const where = { accountId: task.accountId, region: task.region };
  const timers = new Set<Timer>();
  let ended = false;
  const parts: Part[] = readScript(task, findImage).map((script) => ({
    ...script,
    state: 'waiting',
    healthy: false,
  }));

  function later(ms: number, act: () => void): void {
    const timer = clock.schedule(ms, () => {
      timers.delete(timer);
      act();
    });
    timers.add(timer);
  }

  function pullAll(): void {
    const faulty = parts.find((part) => pullFault(part) !== undefined);
    if (faulty !== undefined) {
      later(PULL_RETRIES_MS, () => fail(faulty.spec.name, pullFault(faulty) ?? ''));
      return;
    }
    const slowest = Math.max(
      PULL_MS,
      ...parts.map(({ behaviour }) => (behaviour.kind === 'slow' ? behaviour.startMs : 0)),
    );
    later(slowest, () => {
      for (const { spec, lookup } of parts) {
        emit({
          type: 'pulled',
          container: spec.name,
          ...(lookup.kind === 'found' && { imageDigest: lookup.digest }),
        });
      }
      startReady();
    });
  }

  function fail(container: string, reason: string): void {
    finish();
    emit({ type: 'start-failed', container, reason });
  }

  /** Starts every waiting container whose dependencies are met, until none is. */
  function startReady(): void {
    for (const part of parts) {
      if (ended || part.state !== 'waiting') continue;
      const verdict = dependencyVerdict(part, parts);
      if (verdict === 'met') run(part);
      else if (verdict === 'impossible') {
        fail(part.spec.name, DEPENDENCY_FAILED);
      }
    }
  }

  function run(part: Part): void {
    const { spec, behaviour } = part;
    part.state = 'running';
    emit({
      type: 'container-running',
      container: spec.name,
      hostPorts: spec.portMappings.map(({ containerPort, hostPort, protocol }) => ({
        containerPort,
        hostPort: hostPort === undefined || hostPort === 0 ? nextPort() : hostPort,
        protocol,
      })),
    });
    if (ended) return;
    write(part, startLines(task, part));
    checkHealth(part);
    if (behaviour.kind === 'exit' || behaviour.kind === 'crash' || behaviour.kind === 'oom') {
      later(behaviour.afterMs, () => end(part, behaviour));
    }
    const failsAfter = failsChecksAfter(behaviour);
    if (failsAfter !== undefined)
      later(Math.max(FIRST_CHECK_OF_TARGET_MS, failsAfter), () => failTarget(part));
    startReady();
  }

  function failTarget(part: Part): void {
    const reason = part.labels[REASON_LABEL] ?? 'Health checks failed with these codes: [503]';
    emit({ type: 'target-health', container: part.spec.name, health: 'UNHEALTHY', reason });
  }

  function checkHealth(part: Part): void {
    const { spec, behaviour } = part;
    const check = spec.healthCheck;
    if (check === undefined) return;
    const failsAfter = failsChecksAfter(behaviour);
    if (failsAfter !== undefined) {
      const firstFailure = Math.max(check.startPeriodMs, failsAfter);
      later(firstFailure + check.intervalMs * check.retries, () => failContainerCheck(part));
    }
    if (failsAfter === 0) return;
    later(check.intervalMs, () => {
      part.healthy = true;
      emit({ type: 'container-health', container: spec.name, health: 'HEALTHY' });
      startReady();
    });
  }

  function failContainerCheck(part: Part): void {
    part.healthy = false;
    write(part, ['GET /health 503', 'health check failed: the service is not ready']);
    emit({ type: 'container-health', container: part.spec.name, health: 'UNHEALTHY' });
  }

  function end(part: Part, behaviour: Behaviour): void {
    if (part.state !== 'running') return;
    write(part, lastLines(part, behaviour));
    const reason =
      part.labels[REASON_LABEL] ??
      (behaviour.kind === 'oom' ? 'OutOfMemoryError: Container killed due to memory usage' : undefined);
    stopPart(part, exitCodeOf(behaviour), reason);
    startReady();
  }

  function stopPart(part: Part, exitCode: number | undefined, reason?: string): void {
    part.state = 'stopped';
    if (exitCode !== undefined) part.exitCode = exitCode;
    if (parts.every(({ state }) => state === 'stopped')) finish();
    emit({
      type: 'container-stopped',
      container: part.spec.name,
      ...(exitCode !== undefined && { exitCode }),
      ...(reason !== undefined && { reason }),
    });
  }

  function stop(): void {
    if (ended) return;
    for (const timer of timers) timer.cancel();
    timers.clear();
    later(STOP_MS, () => {
      for (const part of parts.filter(({ state }) => state !== 'stopped')) {
        const ran = part.state === 'running';
        if (ran) write(part, ['received SIGTERM, shutting down']);
        stopPart(part, ran ? (part.behaviour.kind === 'healthy' ? 0 : TERMINATED) : undefined);
      }
    });
  }

  function finish(): void {
    ended = true;
    for (const timer of timers) timer.cancel();
    timers.clear();
  }

  function write({ spec }: Part, lines: readonly string[]): void {
    if (spec.log === undefined || lines.length === 0) return;
    const timestamp = clock.now();
    logs.write(
      spec.log.group,
      spec.log.stream,
      lines.map((message) => ({ timestamp, message })),
      where,
    );
  }

  pullAll();
  return { stop, abandon: finish };
}

/** What each container of a task is told to do, by its own labels, those of its image, or its tag. */
function readScript(task: TaskSpec, findImage: FindImage): Script[] {
  const where = { accountId: task.accountId, region: task.region };
  return task.containers.map((spec) => {
    const lookup = findImage(spec.image, where);
    const imageLabels = lookup.kind === 'found' ? lookup.labels : {};
    const behaviour = chooseBehaviour({ image: spec.image, dockerLabels: spec.dockerLabels, imageLabels });
    return { spec, lookup, behaviour, labels: { ...imageLabels, ...spec.dockerLabels } };
  });
}

function pullFault({ spec, lookup, behaviour, labels }: Part): string | undefined {
  if (lookup.kind === 'missing') return pullError(lookup.message);
  if (behaviour.kind !== 'pull-error') return undefined;
  return labels[REASON_LABEL] ?? pullError(`failed to resolve ref ${spec.image}: ${spec.image}: not found`);
}

function pullError(message: string): string {
  return `CannotPullContainerError: pull image manifest has been retried 5 time(s): ${message}`;
}

function dependencyVerdict(part: Part, parts: readonly Part[]): 'met' | 'pending' | 'impossible' {
  const verdicts = part.spec.dependsOn.map(({ containerName, condition }) => {
    const target = parts.find(({ spec }) => spec.name === containerName);
    if (target === undefined) return 'impossible';
    const stopped = target.state === 'stopped';
    switch (condition) {
      case 'START':
        return target.state === 'waiting' ? 'pending' : 'met';
      case 'COMPLETE':
        return stopped ? 'met' : 'pending';
      case 'SUCCESS':
        if (!stopped) return 'pending';
        return target.exitCode === 0 ? 'met' : 'impossible';
      case 'HEALTHY':
        if (target.healthy) return 'met';
        return stopped ? 'impossible' : 'pending';
    }
  });
  if (verdicts.includes('impossible')) return 'impossible';
  return verdicts.every((verdict) => verdict === 'met') ? 'met' : 'pending';
}

/** From when on every check fails, in milliseconds after the start; `undefined` for never. */
function failsChecksAfter(behaviour: Behaviour): number | undefined {
  if (behaviour.kind === 'never-healthy') return 0;
  return behaviour.kind === 'unhealthy' ? behaviour.afterMs : undefined;
}

function exitCodeOf(behaviour: Behaviour): number {
  if (behaviour.kind === 'exit') return behaviour.exitCode;
  return behaviour.kind === 'oom' ? 137 : 139;
}

function startLines(task: TaskSpec, { spec, labels }: Part): string[] {
  const own = labels[LOG_LABEL];
  if (own !== undefined) return own.split('\n');
  const ports = spec.portMappings.map(({ containerPort }) => containerPort).join(', ');
  return [
    `${spec.name} starting (${spec.image})`,
    ...(spec.command === undefined ? [] : [`command: ${spec.command.join(' ')}`]),
    ports === '' ? `task ${task.taskId} started` : `listening on port ${ports}`,
  ];
}

function lastLines({ spec, labels }: Part, behaviour: Behaviour): string[] {
  // A log of its own has its own last words.
  if (labels[LOG_LABEL] !== undefined) return [];
  switch (behaviour.kind) {
    case 'exit':
      return behaviour.exitCode === 0
        ? [`${spec.name} finished`]
        : [`Error: ${spec.name} cannot go on`, `exiting with code ${behaviour.exitCode}`];
    case 'crash':
      return ['Segmentation fault (core dumped)'];
    case 'oom':
      return ['allocating 64 MiB', 'allocating 64 MiB'];
    default:
      return [];
  }
}
