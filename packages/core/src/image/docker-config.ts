import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EcsActionsError } from '../errors.js';

/** `config.json` of the docker CLI, as far as logins go; containers/image (`auth.json`) shares the shape. */
export interface DockerConfig {
  readonly auths?: Readonly<Record<string, DockerAuth>>;
  /** Host to the suffix of the `docker-credential-…` program asked for it. */
  readonly credHelpers?: Readonly<Record<string, string>>;
  /** The credential program for every host without a helper of its own. */
  readonly credsStore?: string;
  /** Further folders with CLI plugins (buildx). */
  readonly cliPluginsExtraDirs?: readonly string[];
  readonly [key: string]: unknown;
}

/** The login of one host; without `auth`, a helper or store holds it. */
export interface DockerAuth {
  /** base64 of `USERNAME:PASSWORD`. */
  readonly auth?: string;
  readonly [key: string]: unknown;
}

/** What HTTP Basic authentication takes. */
export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/** Credentials for one registry host. */
export interface RegistryLogin extends RegistryCredentials {
  /** With a port where there is one, without a scheme. */
  readonly host: string;
}

/**
 * A configuration that logs in to `logins` and keeps everything else. The logins are held in the
 * file itself: a host that is logged in loses its credential helper, and a store for all hosts
 * becomes a helper for each of the other hosts that are logged in through it, since a client never
 * looks into the file while it has a store.
 */
export function addRegistryLogins(config: DockerConfig, logins: readonly RegistryLogin[]): DockerConfig {
  const { credsStore, credHelpers, auths, ...rest } = config;
  const added = Object.fromEntries(
    logins.map(({ host, username, password }) => [
      host,
      { auth: Buffer.from(`${username}:${password}`).toString('base64') },
    ]),
  );
  const stored = credsStore ? Object.keys(auths ?? {}).map((host) => [host, credsStore] as const) : [];
  const helpers = Object.entries({ ...Object.fromEntries(stored), ...credHelpers }).filter(
    ([host]) => !(host in added),
  );
  return {
    ...rest,
    auths: { ...auths, ...added },
    ...(helpers.length > 0 && { credHelpers: Object.fromEntries(helpers) }),
  };
}

/** The login that a configuration's file itself holds for `host` (helpers and stores are not asked). */
export function findRegistryLogin(config: DockerConfig, host: string): RegistryLogin | undefined {
  const auth = config.auths?.[host]?.auth;
  const [, username, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth ?? '', 'base64').toString()) ?? [];
  return username && password ? { host, username, password } : undefined;
}

/**
 * Reads a `config.json` or `auth.json`; one that does not exist is empty.
 * Throws `FILE_UNREADABLE` for one that is no JSON object.
 */
export async function readDockerConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new EcsActionsError('FILE_UNREADABLE', `Could not read ${path}`, { cause: error });
  }
  try {
    const config: unknown = JSON.parse(text || '{}');
    if (typeof config === 'object' && config !== null && !Array.isArray(config))
      return config as DockerConfig;
  } catch {
    // What a parser says of it may quote a password.
  }
  throw new EcsActionsError('FILE_UNREADABLE', `${path} is not a JSON object.`, {
    hint: 'It is the configuration of the docker CLI: mend it, or point DOCKER_CONFIG to another folder.',
  });
}

/** Where container tools keep their logins today. */
export interface ContainerToolsFiles {
  /** The docker CLI's folder: `$DOCKER_CONFIG`, else `~/.docker`. `undefined` where there is no home. */
  readonly dockerConfigFolder: string | undefined;
  /** `$REGISTRY_AUTH_FILE` of skopeo, buildah and podman, or their default; `undefined` where there is none. */
  readonly registryAuthFile: string | undefined;
}

/** The docker CLI's configuration, with the logins of the other tools beside its own. */
export async function readPresentLogins({
  dockerConfigFolder,
  registryAuthFile,
}: ContainerToolsFiles): Promise<DockerConfig> {
  const containers = registryAuthFile === undefined ? {} : await readDockerConfig(registryAuthFile);
  const docker =
    dockerConfigFolder === undefined ? {} : await readDockerConfig(join(dockerConfigFolder, 'config.json'));
  return {
    ...docker,
    auths: { ...containers.auths, ...docker.auths },
    credHelpers: { ...containers.credHelpers, ...docker.credHelpers },
  };
}

/**
 * Fills `folder` (new, or empty) so that it serves as `DOCKER_CONFIG`, and its `config.json` as
 * `REGISTRY_AUTH_FILE`: the logins of both present files and `logins`, and links to whatever else
 * the docker CLI keeps beside its configuration (plugins, contexts, builders). Only the owner can
 * read it. Returns the path of `config.json`.
 */
export async function writeDockerConfigFolder({
  folder,
  present,
  logins,
}: {
  folder: string;
  present: ContainerToolsFiles;
  logins: readonly RegistryLogin[];
}): Promise<string> {
  const merged = await readPresentLogins(present);
  const { dockerConfigFolder: from } = present;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if (from !== undefined) await linkNeighbours(from, folder);
  const path = join(folder, 'config.json');
  await writeFile(path, `${JSON.stringify(addRegistryLogins(merged, logins), null, 2)}\n`, { mode: 0o600 });
  return path;
}

async function linkNeighbours(from: string, to: string): Promise<void> {
  const isFolder = await stat(from).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return;
  for (const name of await readdir(from))
    if (name !== 'config.json') await symlink(join(from, name), join(to, name));
}
