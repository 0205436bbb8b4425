import { DEPENDENCY_FAILED, type BackendEvent, type ContainerSpec, type TaskSpec } from './backend.js';
import { createArguments, inStartOrder, pauseArguments } from './docker-arguments.js';
import type { DockerResult } from './docker-cli.js';

/** An event of the engine about one container, as `docker events --format '{{json .}}'` prints it. */
export interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** What a task needs of the backend that it belongs to. */
export interface Engine {
  readonly worldId: string;
  readonly docker: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<DockerResult>;
  /** Pulls the image of a container; resolves with the digest that was pulled. Rejects with {@link StartFailure}. */
  readonly pull: (task: TaskSpec, spec: ContainerSpec) => Promise<string | undefined>;
  /** Tells `onEvent` of everything that happens to a container. */
  readonly watch: (containerId: string, onEvent: (event: EngineEvent) => void) => void;
  readonly forget: (containerId: string) => void;
  /** The name of an image that does nothing, made on first use. Rejects with {@link StartFailure}. */
  readonly pauseImage: () => Promise<string>;
  /** Hands the container's output to the log, from its start to its end. */
  readonly followLog: (task: TaskSpec, spec: ContainerSpec, containerId: string) => Promise<void>;
}

/** A container that never ran, in ECS's words. */
export class StartFailure extends Error {
  readonly container: string | undefined;

  constructor(message: string, container?: string) {
    super(message);
    this.name = 'StartFailure';
    this.container = container;
  }
}

interface Started {
  readonly spec: ContainerSpec;
  readonly id: string;
  readonly stopped: Promise<number>;
  readonly healthy: Promise<void>;
  /** Settles once its end has been reported. */
  reported: Promise<void>;
}

/** One task's containers, from the first pull to the last removal. */
export class DockerTask {
  readonly #engine: Engine;
  readonly #task: TaskSpec;
  readonly #emit: (event: BackendEvent) => void;
  readonly #containers = new Map<string, Started>();
  #stopping = false;
  /** The container that holds the network, where more than one share it. */
  #pause: string | undefined;

  constructor(engine: Engine, task: TaskSpec, emit: (event: BackendEvent) => void) {
    this.#engine = engine;
    this.#task = task;
    this.#emit = emit;
  }

  /** Starts the containers in order, waits for all of them to stop, and removes them. Never rejects. */
  async run(): Promise<void> {
    try {
      if (this.#task.containers.length > 1) await this.#holdNetwork();
      for (const spec of inStartOrder(this.#task.containers)) {
        await this.#dependenciesMet(spec);
        if (this.#stopping) break;
        await this.#start(spec);
      }
    } catch (error) {
      this.#emit({
        type: 'start-failed',
        reason: error instanceof Error ? error.message : String(error),
        ...(error instanceof StartFailure && error.container !== undefined
          ? { container: error.container }
          : {}),
      });
      this.stop();
    }
    await Promise.all([...this.#containers.values()].map(({ reported }) => reported));
    const ids = [...this.#containers.values()].map(({ id }) => id);
    if (this.#pause !== undefined) ids.push(this.#pause);
    if (ids.length > 0) await this.#engine.docker(['rm', '--force', '--volumes', ...ids]);
    ids.forEach(this.#engine.forget);
  }

  /** Starts nothing further, and leaves what runs to whoever removes it. */
  abandon(): void {
    this.#stopping = true;
  }

  stop(): void {
    this.#stopping = true;
    for (const { id, spec } of this.#containers.values())
      void this.#engine.docker(['stop', '--time', String(Math.ceil(spec.stopTimeoutMs / 1000)), id]);
  }

  async #holdNetwork(): Promise<void> {
    const { docker, pauseImage, worldId } = this.#engine;
    const created = await docker(pauseArguments(this.#task, worldId, await pauseImage()));
    this.#pause = created.stdout.trim() || undefined;
    const started = created.exitCode === 0 ? await docker(['start', created.stdout.trim()]) : created;
    if (started.exitCode !== 0) throw new StartFailure(`CannotStartContainerError: ${started.stderr.trim()}`);
  }

  async #dependenciesMet(spec: ContainerSpec): Promise<void> {
    for (const { containerName, condition } of spec.dependsOn) {
      const needed = this.#containers.get(containerName);
      if (needed === undefined || condition === 'START') continue;
      const reached = await (condition === 'HEALTHY'
        ? Promise.race([needed.healthy.then(() => true), needed.stopped.then(() => false)])
        : needed.stopped.then((exitCode) => condition === 'COMPLETE' || exitCode === 0));
      if (!reached) throw new StartFailure(DEPENDENCY_FAILED, spec.name);
    }
  }

  async #start(spec: ContainerSpec): Promise<void> {
    const { docker, pull, watch, worldId } = this.#engine;
    const imageDigest = await pull(this.#task, spec);
    this.#emit({
      type: 'pulled',
      container: spec.name,
      ...(imageDigest === undefined ? {} : { imageDigest }),
    });

    const networkOf = this.#pause;
    const created = await docker(createArguments(this.#task, spec, { worldId, networkOf }), spec.environment);
    if (created.exitCode !== 0)
      throw new StartFailure(`CannotCreateContainerError: ${created.stderr.trim()}`, spec.name);
    const id = created.stdout.trim();

    const stopped = deferred<number>();
    const healthy = deferred<void>();
    watch(id, ({ Action, Actor }) => {
      if (Action === 'die') stopped.resolve(Number(Actor.Attributes['exitCode'] ?? 0));
      if (!Action.startsWith('health_status: ')) return;
      const health = Action === 'health_status: healthy' ? 'HEALTHY' : 'UNHEALTHY';
      if (health === 'HEALTHY') healthy.resolve();
      this.#emit({ type: 'container-health', container: spec.name, health });
    });
    const container: Started = {
      spec,
      id,
      stopped: stopped.promise,
      healthy: healthy.promise,
      reported: Promise.resolve(),
    };
    this.#containers.set(spec.name, container);

    if (this.#stopping) return;
    const started = await docker(['start', id]);
    if (started.exitCode !== 0)
      throw new StartFailure(`CannotStartContainerError: ${started.stderr.trim()}`, spec.name);
    const logged = this.#engine.followLog(this.#task, spec, id);
    const hostPorts = await this.#hostPorts(networkOf ?? id, spec);
    this.#emit({ type: 'container-running', container: spec.name, hostPorts });
    container.reported = this.#reportEnd(container, logged);
    if (this.#stopping) this.stop();
  }

  async #reportEnd({ spec, id, stopped }: Started, logged: Promise<void>): Promise<void> {
    const exitCode = await stopped;
    await logged;
    const inspected = await this.#engine.docker([
      'inspect',
      '--format',
      '{{.State.OOMKilled}} {{.State.Error}}',
      id,
    ]);
    const [oomKilled, ...words] = inspected.stdout.trim().split(' ');
    const reason =
      oomKilled === 'true' ? 'OutOfMemoryError: Container killed due to memory usage' : words.join(' ');
    this.#emit({
      type: 'container-stopped',
      container: spec.name,
      exitCode,
      ...(reason === '' ? {} : { reason }),
    });
  }

  async #hostPorts(id: string, spec: ContainerSpec) {
    const inspected = await this.#engine.docker([
      'inspect',
      '--format',
      '{{json .NetworkSettings.Ports}}',
      id,
    ]);
    const bindings = JSON.parse(inspected.stdout.trim() || '{}') as Record<
      string,
      { HostPort: string }[] | null
    > | null;
    return spec.portMappings.flatMap(({ containerPort, protocol }) =>
      (bindings?.[`${containerPort}/${protocol}`] ?? []).slice(0, 1).map(({ HostPort }) => ({
        containerPort,
        hostPort: Number(HostPort),
        protocol,
        bindIp: '127.0.0.1',
      })),
    );
  }
}

function deferred<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
