import { readFile } from 'node:fs/promises';
import { EcsActionsError } from '../errors.js';
import type { CommandResult, Exec } from '../ports.js';
import type { BuildSpec, BuildStep, DigestSource } from './engines/build-spec.js';
import type { BuildEngine } from './engines/engine.js';
import { isImageDigest } from './reference.js';

/** How a build ended that ran to its end. */
export type BuildOutcome =
  /** `digest` is what was pushed; `undefined` where nothing was. */
  { readonly kind: 'built'; readonly digest: string | undefined } | RefusedPush;

/** The image was built, and a registry refused it. */
export interface RefusedPush {
  readonly kind: 'push-refused';
  /** What was pushed; `undefined` where the engine pushed every reference at once. */
  readonly reference: string | undefined;
  /** What the engine printed. */
  readonly output: string;
}

/**
 * Builds an image, and pushes it if the spec says so. A refused push is an outcome, since the
 * engine's words often hide the reason (see {@link explainPushFailure}). Rejects with
 * `IMAGE_BUILD_FAILED` for a build that fails.
 */
export async function buildImage(
  { spec, engine }: { spec: BuildSpec; engine: BuildEngine },
  {
    exec,
    signal,
    folder,
  }: {
    exec: Exec;
    signal?: AbortSignal | undefined;
    /** Of this build alone: see {@link BuildEngine.plan}. */
    folder: string;
  },
): Promise<BuildOutcome> {
  const { steps, digest } = engine.plan(spec, { folder });
  let last: CommandResult | undefined;
  for (const step of steps) {
    last = await exec(step.command, { signal });
    if (last.exitCode === 0) continue;
    const output = `${last.stdout}\n${last.stderr}`;
    if (failedToPush(step, output))
      return { kind: 'push-refused', reference: step.does === 'push' ? step.reference : undefined, output };
    throw new EcsActionsError(
      'IMAGE_BUILD_FAILED',
      `${engine.label} could not build ${spec.file ?? spec.context}: ${tellingLine(output) ?? `exit code ${last.exitCode}`}`,
      { hint: 'The log above has the output of the step that failed.' },
    );
  }
  return { kind: 'built', digest: digest && (await readDigest(digest, last, engine)) };
}

/** What buildx prints when it is the registry that said no. A base image that cannot be pulled reads differently. */
const PUSH_REFUSED =
  /failed to push|unexpected status from (?:POST|PUT|PATCH) request|^(?:#\d+ )?ERROR:? (?:failed to solve: )?(?:denied|tag invalid|name unknown|toomanyrequests|no basic auth credentials)/im;

function failedToPush({ does }: BuildStep, output: string): boolean {
  return does === 'push' || (does === 'build-push' && PUSH_REFUSED.test(output));
}

/** The line that says most: the last that calls itself an error, else the last of all. */
export function tellingLine(output: string): string | undefined {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.findLast((line) => /^(?:#\d+ )?error\b/i.test(line)) ?? lines.at(-1))
    ?.replace(/^#\d+ /, '')
    .replace(/^error:\s*/i, '');
}

async function readDigest(
  source: DigestSource,
  last: CommandResult | undefined,
  engine: BuildEngine,
): Promise<string> {
  const digest = await findDigest(source, last);
  if (digest !== undefined && isImageDigest(digest)) return digest;
  throw new EcsActionsError('IMAGE_PUSH_FAILED', `${engine.label} did not say which digest it pushed.`, {
    hint: 'Upgrade it, or choose another engine with the input engine.',
  });
}

async function findDigest(
  source: DigestSource,
  last: CommandResult | undefined,
): Promise<string | undefined> {
  switch (source.kind) {
    case 'metadata-file': {
      const metadata = JSON.parse(await readFile(source.path, 'utf8')) as Record<string, string | undefined>;
      return metadata['containerimage.digest'];
    }
    case 'digest-file':
      return (await readFile(source.path, 'utf8')).trim();
    case 'push-output':
      return /digest: (sha256:[0-9a-f]{64})/.exec(last?.stdout ?? '')?.[1];
  }
}
