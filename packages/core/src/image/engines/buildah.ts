import { basename, join } from 'node:path';
import { isLoopbackHost } from '../ecr-host.js';
import { parseImageReference } from '../reference.js';
import { each, optional, secretOptions, type BuildPlan, type BuildSpec } from './build-spec.js';

/** `buildah build` and `buildah push`; several platforms become a manifest list under a name of its own. */
export function planBuildah(spec: BuildSpec, { folder }: { folder: string }): BuildPlan {
  const secrets = secretOptions(spec.secrets);
  const isList = spec.platforms.length > 1;
  // A name that no other build has; a list under a name that is taken would grow.
  const list = `ecs-actions/${basename(folder).toLowerCase()}`;
  const digestFile = join(folder, 'digest');
  const args = [
    'build',
    ...each('--build-arg', spec.buildArgs),
    ...each('--cache-from', spec.cacheFrom),
    ...each('--cache-to', spec.cacheTo),
    ...(spec.cacheFrom.length + spec.cacheTo.length > 0 ? ['--layers'] : []),
    ...optional('--file', spec.file),
    ...each('--label', spec.labels),
    ...optional('--platform', spec.platforms.length === 0 ? undefined : spec.platforms.join(',')),
    ...each(
      '--secret',
      secrets.map(({ option }) => option),
    ),
    ...(isList ? ['--manifest', list] : each('--tag', spec.references)),
    ...optional('--target', spec.target),
    ...(spec.noCache ? ['--no-cache'] : []),
    ...(spec.pull ? ['--pull-always'] : []),
    ...plainHttp(spec.references),
    spec.context,
  ];
  const env = Object.assign({}, ...secrets.map((secret) => secret.env)) as Record<string, string>;
  const push = (reference: string, isLast: boolean) => [
    ...(isList ? ['manifest', 'push', '--all', ...(isLast ? ['--rm'] : [])] : ['push']),
    '--digestfile',
    digestFile,
    ...plainHttp([reference]),
    isList ? list : reference,
    `docker://${reference}`,
  ];
  const pushes = spec.push ? spec.references : [];
  return {
    steps: [
      { does: 'build', command: { file: 'buildah', args, env } },
      ...pushes.map((reference, index) => ({
        does: 'push' as const,
        reference,
        command: { file: 'buildah', args: push(reference, index === pushes.length - 1) },
      })),
    ],
    digest: spec.push ? { kind: 'digest-file', path: digestFile } : undefined,
  };
}

/** What a spec asks for that buildah cannot do, in words of the inputs. */
export function missingInBuildah(spec: BuildSpec): string[] {
  const typed = [...spec.cacheFrom, ...spec.cacheTo].some((cache) => cache.includes('='));
  return [
    typed && 'cache-from, cache-to: it takes repositories only, without type=',
    spec.provenance !== undefined && 'provenance',
    spec.sbom !== undefined && 'sbom',
    spec.platforms.length > 1 && !spec.push && 'platforms: it keeps several platforms in a registry only',
  ].filter((fault) => fault !== false);
}

/** docker takes loopback for a place without TLS by itself; buildah has to be told. */
function plainHttp(references: readonly string[]): string[] {
  return references.some((reference) => isLoopbackHost(parseImageReference(reference).registry))
    ? ['--tls-verify=false']
    : [];
}
