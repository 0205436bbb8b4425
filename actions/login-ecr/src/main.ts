import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { ECRClient } from '@aws-sdk/client-ecr';
import {
  connectAws,
  exportVariable,
  readContainerToolsFiles,
  setOutputs,
  temporaryFolder,
  writeSummary,
  type ActionContext,
} from '@ecs-actions/action-kit';
import {
  createRegistryClient,
  getEcrLogin,
  groupEcrRegistries,
  isEcsActionsError,
  parseEcrRegistry,
  reportEcrLogins,
  writeDockerConfigFolder,
  type EcrLogin,
  type EcrRegistry,
} from '@ecs-actions/core';
import type { OutputName } from './action.js';
import { loginInputs } from './inputs.js';
import { FOLDER_STATE } from './post.js';

export async function main(context: ActionContext): Promise<void> {
  const inputs = loginInputs();
  const aws = await connectAws(inputs.aws, context);
  const registries = registriesToUse(inputs.registries, aws.region);

  const logins: EcrLogin[] = [];
  for (const registry of registries) {
    const ecr = aws.client(ECRClient, registry.region);
    const login = await getEcrLogin({ ecr, registry }, { onSecret: context.mask });
    for (const host of login.hosts) await checkLogin(host, login, context);
    logins.push(login);
  }

  const folder = await mkdtemp(join(temporaryFolder(), 'docker-config-'));
  if (!inputs.skipLogout) context.saveState(FOLDER_STATE, folder);
  const config = await writeDockerConfigFolder({
    folder,
    present: readContainerToolsFiles(),
    logins: logins.flatMap((login) => login.hosts.map((host) => ({ ...login, host }))),
  });
  exportVariable('DOCKER_CONFIG', folder);
  exportVariable('REGISTRY_AUTH_FILE', config);

  setOutputs<OutputName>({
    registry: logins[0]?.registry,
    registries: JSON.stringify(logins.map(({ registry }) => registry)),
    'expires-at': firstExpiry(logins)?.toISOString(),
    'docker-config': folder,
  });
  if (!inputs.maskPassword) setOutputs(passwordOutputs(logins));
  await writeSummary('login-ecr', reportEcrLogins(logins));
}

/** Without any, the registry of the account that the credentials belong to. */
function registriesToUse(named: readonly string[], region: string): EcrRegistry[] {
  if (named.length === 0) return [{ accountId: undefined, region, hosts: [] }];
  return groupEcrRegistries(named.flatMap((text) => parseEcrRegistry(text, region) ?? []));
}

/** A refused login fails the step. A registry out of reach may be in reach of the engine, by a proxy of its own. */
async function checkLogin(
  host: string,
  credentials: EcrLogin,
  { clock, signal, logger }: ActionContext,
): Promise<void> {
  try {
    await createRegistryClient({ host, credentials }, { clock, signal, attempts: 3 }).checkLogin();
    logger.info(`Logged in to ${host}`);
  } catch (error) {
    if (!isEcsActionsError(error) || error.code !== 'REGISTRY_UNREACHABLE') throw error;
    logger.warning(`The login to ${host} could not be checked from here: ${error.message}`);
  }
}

function firstExpiry(logins: readonly EcrLogin[]): Date | undefined {
  return logins
    .flatMap(({ expiresAt }) => expiresAt ?? [])
    .sort((a, b) => a.getTime() - b.getTime())
    .at(0);
}

function passwordOutputs(logins: readonly EcrLogin[]): Record<string, string> {
  return Object.fromEntries(
    logins.flatMap(({ registry, username, password }) => {
      const host = registry.replaceAll(/\W/g, '_');
      return [
        [`docker_username_${host}`, username],
        [`docker_password_${host}`, password],
      ];
    }),
  );
}
