import { join } from 'node:path';
import { each, optional, secretOptions, type BuildPlan, type BuildSpec } from './build-spec.js';

/**
 * `docker buildx build`. Attestations are off unless asked for: buildx adds provenance by itself,
 * which turns every push into an index.
 */
export function planBuildx(spec: BuildSpec, { folder }: { folder: string }): BuildPlan {
  const secrets = secretOptions(spec.secrets);
  const metadataFile = join(folder, 'build-metadata.json');
  const args = [
    'buildx',
    'build',
    ...each('--build-arg', spec.buildArgs),
    ...each('--cache-from', spec.cacheFrom),
    ...each('--cache-to', spec.cacheTo),
    ...optional('--file', spec.file),
    ...each('--label', spec.labels),
    ...optional('--platform', spec.platforms.length === 0 ? undefined : spec.platforms.join(',')),
    ...optional('--provenance', spec.provenance),
    ...optional('--sbom', spec.sbom),
    ...each(
      '--secret',
      secrets.map(({ option }) => option),
    ),
    ...each('--tag', spec.references),
    ...optional('--target', spec.target),
    '--metadata-file',
    metadataFile,
    ...(spec.noCache ? ['--no-cache'] : []),
    ...(spec.pull ? ['--pull'] : []),
    spec.push ? '--push' : '--load',
    spec.context,
  ];
  const env = Object.assign(
    { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
    ...secrets.map((secret) => secret.env),
  ) as Record<string, string>;
  return {
    steps: [{ does: spec.push ? 'build-push' : 'build', command: { file: 'docker', args, env } }],
    digest: spec.push ? { kind: 'metadata-file', path: metadataFile } : undefined,
  };
}
