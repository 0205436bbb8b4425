import { each, optional, secretOptions, type BuildPlan, type BuildSpec } from './build-spec.js';

/** `docker build` and `docker push`, for a docker without buildx: with the BuildKit of its daemon, or without. */
export function planDocker(spec: BuildSpec, { buildkit }: { buildkit: boolean }): BuildPlan {
  const secrets = secretOptions(spec.secrets);
  const args = [
    'build',
    ...each('--build-arg', spec.buildArgs),
    ...each('--cache-from', spec.cacheFrom),
    ...optional('--file', spec.file),
    ...each('--label', spec.labels),
    ...each('--platform', spec.platforms),
    ...each(
      '--secret',
      secrets.map(({ option }) => option),
    ),
    ...each('--tag', spec.references),
    ...optional('--target', spec.target),
    ...(spec.noCache ? ['--no-cache'] : []),
    ...(spec.pull ? ['--pull'] : []),
    spec.context,
  ];
  const env = Object.assign(
    { DOCKER_BUILDKIT: buildkit ? '1' : '0' },
    ...secrets.map((secret) => secret.env),
  ) as Record<string, string>;
  const pushes = spec.push ? spec.references : [];
  return {
    steps: [
      { does: 'build', command: { file: 'docker', args, env } },
      ...pushes.map((reference) => ({
        does: 'push' as const,
        reference,
        command: { file: 'docker', args: ['push', reference] },
      })),
    ],
    digest: spec.push ? { kind: 'push-output' } : undefined,
  };
}

/** What a spec asks for that `docker build` without buildx cannot do, in words of the inputs. */
export function missingInDocker(spec: BuildSpec, { buildkit }: { buildkit: boolean }): string[] {
  return [
    spec.platforms.length > 1 && 'platforms: it builds for one platform at a time',
    spec.cacheTo.length > 0 && 'cache-to: it cannot export a cache',
    spec.cacheFrom.some((source) => source.includes('=')) &&
      'cache-from: it takes image references only, without type=',
    spec.provenance !== undefined && 'provenance',
    spec.sbom !== undefined && 'sbom',
    !buildkit && spec.secrets.length > 0 && 'secrets: without BuildKit it has none',
  ].filter((fault) => fault !== false);
}
