import { join } from 'node:path';
import type { ContainerToolsFiles } from '@ecs-actions/core';

/** Where docker, skopeo, buildah and podman look for their logins in this job. */
export function readContainerToolsFiles(env: NodeJS.ProcessEnv = process.env): ContainerToolsFiles {
  const { DOCKER_CONFIG, HOME, REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR } = env;
  return {
    dockerConfigFolder: DOCKER_CONFIG || (HOME ? join(HOME, '.docker') : undefined),
    registryAuthFile:
      REGISTRY_AUTH_FILE || (XDG_RUNTIME_DIR ? join(XDG_RUNTIME_DIR, 'containers', 'auth.json') : undefined),
  };
}
