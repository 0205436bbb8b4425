import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How images are made and tasks are run. */
export type Engine =
  /** Built from the Dockerfile on `base`, pushed by docker, run as containers. */
  | { readonly kind: 'docker'; readonly base: string; readonly why: string }
  /** Pushed as an OCI image layout; tasks are scripted. */
  | { readonly kind: 'layout'; readonly why: string };

const DEFAULT_BASE = 'busybox:stable-musl';

/**
 * Docker, where its engine runs, reaches a registry on this host's loopback and has a base image; otherwise the
 * layout's way, with the reason. `ECS_ACTIONS_DEMO_BASE` names a base image where Docker Hub is out of reach.
 */
export async function findEngine(): Promise<Engine> {
  const version = await docker('version', '--format', '{{.Server.Version}}');
  if (!version.ok) return { kind: 'layout', why: `no Docker engine answers (${version.text})` };
  if (!(await reachesLoopback()))
    return {
      kind: 'layout',
      why: "the Docker engine cannot reach a registry on this host's loopback address",
    };
  const base = process.env['ECS_ACTIONS_DEMO_BASE'] ?? DEFAULT_BASE;
  const held = await docker('image', 'inspect', base);
  const pulled = held.ok ? held : await docker('pull', '--quiet', base);
  if (!pulled.ok) return { kind: 'layout', why: `the base image ${base} cannot be pulled (${pulled.text})` };
  return { kind: 'docker', base, why: `Docker ${version.text}, base image ${base}` };
}

/** Takes back out of the engine what was built for a registry that is gone. */
export async function removeImages(registry: string): Promise<void> {
  const listed = await docker('image', 'ls', '--quiet', '--filter', `reference=${registry}/*`);
  const ids = [...new Set(listed.text.split('\n').filter((id) => id !== ''))];
  if (listed.ok && ids.length > 0) await docker('image', 'rm', '--force', ...ids);
}

/** A pull from a server of ours: if the engine gets here, the server hears of it. */
async function reachesLoopback(): Promise<boolean> {
  let heard = false;
  const server = createServer((_request, response) => {
    heard = true;
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await docker('pull', '--quiet', `127.0.0.1:${port}/probe:latest`);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return heard;
}

async function docker(...args: string[]): Promise<{ ok: boolean; text: string }> {
  try {
    const { stdout } = await run('docker', args, { timeout: 60_000 });
    return { ok: true, text: stdout.trim() };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return { ok: false, text: (stderr.trim() || message).split('\n').at(-1) ?? '' };
  }
}
