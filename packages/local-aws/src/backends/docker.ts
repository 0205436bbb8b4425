import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogSink } from '../world/ports.js';
import type { World } from '../world/world.js';
import type { Backend } from './backend.js';
import { WORLD_LABEL } from './docker-arguments.js';
import { runDocker, streamDocker } from './docker-cli.js';
import { pauseImage } from './pause-image.js';
import { DockerTask, StartFailure, type Engine, type EngineEvent } from './docker-task.js';

export interface DockerBackendPorts {
  readonly logs: LogSink;
  /** A password for user `AWS` at the embedded registry. */
  readonly registryPassword: (context: { accountId: string; region: string }) => string;
}

/**
 * Runs tasks as real containers through the docker CLI, which knows where its engine is (context, `DOCKER_HOST`). The
 * containers of a task share one network, as in network mode `awsvpc`; their ports are published on loopback, each at a
 * free one.
 */
export function createDockerBackend(world: World, { logs, registryPassword }: DockerBackendPorts): Backend {
  const worldId = randomBytes(6).toString('hex');
  // A configuration of its own: the user's may name a credential helper, which cannot know this registry.
  const config = mkdtempSync(join(tmpdir(), 'local-aws-docker-'));
  const watched = new Map<string, (event: EngineEvent) => void>();
  const streams = new Set<ChildProcess>();
  const tasks = new Map<DockerTask, Promise<void>>();
  let watching = false;
  let closed = false;
  let pause: Promise<string> | undefined;

  const docker: Engine['docker'] = (args, env = {}) => runDocker(args, { ...env, DOCKER_CONFIG: config });

  const stream = (args: readonly string[], onLine: (line: string) => void): Promise<void> => {
    const child = streamDocker(args, { DOCKER_CONFIG: config }, onLine);
    streams.add(child);
    return new Promise((resolve) => {
      child.on('close', () => {
        streams.delete(child);
        resolve();
      });
      child.on('error', () => resolve());
    });
  };

  const watchEvents = () => {
    if (watching) return;
    watching = true;
    const filters = ['--filter', `label=${WORLD_LABEL}=${worldId}`, '--filter', 'type=container'];
    void stream(['events', ...filters, '--since', '1m', '--format', '{{json .}}'], (line) => {
      if (!line.startsWith('{')) return;
      const event = JSON.parse(line) as EngineEvent;
      watched.get(event.Actor.ID)?.(event);
    }).then(() => {
      watching = false;
      if (!closed && watched.size > 0) watchEvents();
    });
  };

  const importPause = async (): Promise<string> => {
    const version = await docker(['version', '--format', '{{.Server.Arch}}']);
    const archive = await pauseImage(version.stdout.trim());
    if (archive === undefined)
      throw new StartFailure(
        `No program to hold a network is known for ${version.stdout.trim() || version.stderr.trim()}`,
      );
    const args = ['import', '--change', 'ENTRYPOINT ["/pause"]', '-', 'local-aws/pause:1'];
    const imported = await runDocker(args, { DOCKER_CONFIG: config }, archive);
    if (imported.exitCode !== 0)
      throw new StartFailure(`CannotCreateContainerError: ${imported.stderr.trim()}`);
    return 'local-aws/pause:1';
  };

  const engine: Engine = {
    worldId,
    docker,
    pull: async (task, { name, image }) => {
      const auth = Buffer.from(`AWS:${registryPassword(task)}`).toString('base64');
      writeFileSync(join(config, 'config.json'), JSON.stringify({ auths: { [world.host()]: { auth } } }), {
        mode: 0o600,
      });
      const pulled = await docker(['pull', '--quiet', image]);
      const held = await docker([
        'image',
        'inspect',
        '--format',
        '{{range .RepoDigests}}{{.}} {{end}}',
        image,
      ]);
      // As the ECS agent does by default, fall back on what the engine holds; but the embedded registry's word is final.
      if (pulled.exitCode !== 0 && (held.exitCode !== 0 || image.startsWith(`${world.host()}/`)))
        throw new StartFailure(`CannotPullContainerError: ${pulled.stderr.trim()}`, name);
      return /@(sha256:[0-9a-f]{64})/.exec(held.stdout)?.[1];
    },
    pauseImage: () => (pause ??= importPause()),
    watch: (id, onEvent) => {
      watched.set(id, onEvent);
      watchEvents();
    },
    forget: (id) => void watched.delete(id),
    followLog: async (task, { log }, id) => {
      if (log === undefined) return;
      await stream(['logs', '--follow', id], (message) => {
        if (!closed) logs.write(log.group, log.stream, [{ timestamp: world.clock.now(), message }], task);
      });
    },
  };

  const removeAll = async () => {
    const listed = await docker(['ps', '--all', '--quiet', '--filter', `label=${WORLD_LABEL}=${worldId}`]);
    const ids = listed.stdout.split('\n').filter((id) => id !== '');
    if (ids.length > 0) await docker(['rm', '--force', '--volumes', ...ids]);
  };

  return {
    kind: 'docker',
    start: (task, emit) => {
      const running = new DockerTask(engine, task, (event) => {
        if (!closed) emit(event);
      });
      const ended = running.run().finally(() => tasks.delete(running));
      tasks.set(running, ended);
      return { stop: () => running.stop() };
    },
    close: async () => {
      closed = true;
      const ended = [...tasks.values()];
      for (const task of tasks.keys()) task.abandon();
      await removeAll();
      // A container that was being started a moment ago is caught by the second removal.
      const patience = new AbortController();
      const waited = delay(2_000, undefined, { signal: patience.signal }).catch(() => {});
      await Promise.race([Promise.all(ended), waited]);
      patience.abort();
      await removeAll();
      for (const child of streams) child.kill();
      rmSync(config, { recursive: true, force: true });
    },
  };
}
