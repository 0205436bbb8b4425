import { EcsActionsError } from '../../errors.js';
import type { CommandResult, Exec } from '../../ports.js';
import { missingInBuildah, planBuildah } from './buildah.js';
import type { BuildPlan, BuildSpec } from './build-spec.js';
import { planBuildx } from './buildx.js';
import { missingInDocker, planDocker } from './docker.js';

/** `docker` is docker without buildx. */
export type BuildEngineKind = 'buildx' | 'docker' | 'buildah';

/** A program that builds images, found on this machine and ready. */
export interface BuildEngine {
  readonly kind: BuildEngineKind;
  /** For people, e.g. `buildx 0.13.1`. */
  readonly label: string;
  /** What the spec asks for that this engine cannot do, in words of the inputs. */
  missing(spec: BuildSpec): readonly string[];
  /** `folder` takes the files that the engine writes. */
  plan(spec: BuildSpec, scratch: { folder: string }): BuildPlan;
}

/** An engine, or why it cannot be used. */
type Probe = { readonly engine: BuildEngine } | { readonly unusable: string };

/** In the order of preference. */
const PROBES: Readonly<Record<BuildEngineKind, (exec: Exec) => Promise<Probe>>> = {
  buildx: probeBuildx,
  docker: probeDocker,
  buildah: probeBuildah,
};

/**
 * Finds the engine for a build: the one that is asked for, or (`auto`) the first of buildx, docker
 * and buildah that is here, runs, and can do what the spec asks for. Nothing that a spec asks for
 * is ever left out silently.
 *
 * Throws `BUILD_ENGINE_MISSING` where there is none, `INPUT_INVALID` where none can do it; both say
 * why for each engine.
 */
export async function findBuildEngine(
  { wanted, spec }: { wanted: BuildEngineKind | 'auto'; spec: BuildSpec },
  { exec }: { exec: Exec },
): Promise<BuildEngine> {
  const kinds = wanted === 'auto' ? (Object.keys(PROBES) as BuildEngineKind[]) : [wanted];
  const unusable: string[] = [];
  const unsuited: string[] = [];
  for (const kind of kinds) {
    const probe = await PROBES[kind](exec);
    if ('unusable' in probe) {
      unusable.push(`${kind}: ${probe.unusable}`);
      continue;
    }
    const missing = probe.engine.missing(spec);
    if (missing.length === 0) return probe.engine;
    unsuited.push(`${probe.engine.label} cannot do: ${missing.join('; ')}`);
  }
  if (unsuited.length > 0)
    throw new EcsActionsError('INPUT_INVALID', [...unsuited, ...unusable].join('. '), {
      hint: 'Leave these inputs out, or set up buildx with docker/setup-buildx-action, which can do all of them.',
    });
  throw new EcsActionsError('BUILD_ENGINE_MISSING', `No build engine can be used. ${unusable.join('. ')}`, {
    hint: 'Start docker on this runner or install buildah, or build an OCI image layout elsewhere and push it with oci-layout.',
  });
}

async function probeBuildx(exec: Exec): Promise<Probe> {
  const version = await ask(exec, 'docker', ['buildx', 'version']);
  if (typeof version === 'string') return { unusable: version };
  const number = /\bv?(\d+\.\d+\.\d+)/.exec(version.stdout)?.[1];
  if (version.exitCode !== 0 || number === undefined) return { unusable: 'docker has no buildx plugin' };
  const builder = await ask(exec, 'docker', ['buildx', 'inspect']);
  if (typeof builder === 'string') return { unusable: builder };
  const error = /^\s*Error:\s*(.+)$/m.exec(builder.stdout)?.[1];
  if (builder.exitCode !== 0 || error !== undefined)
    return { unusable: error ?? lastLine(builder.stderr) ?? 'its builder cannot be inspected' };
  return { engine: { kind: 'buildx', label: `buildx ${number}`, missing: () => [], plan: planBuildx } };
}

async function probeDocker(exec: Exec): Promise<Probe> {
  const version = await ask(exec, 'docker', [
    'version',
    '--format',
    '{{.Client.Version}} {{.Server.Version}}',
  ]);
  if (typeof version === 'string') return { unusable: version };
  const [client = ''] = version.stdout.trim().split(' ');
  if (version.exitCode !== 0) return { unusable: lastLine(version.stderr) ?? 'its daemon does not answer' };
  // From 23 on, BuildKit is reached through the buildx plugin alone.
  const buildkit = Number.parseInt(client, 10) < 23;
  return {
    engine: {
      kind: 'docker',
      label: `docker ${client}`,
      missing: (spec) => missingInDocker(spec, { buildkit }),
      plan: (spec) => planDocker(spec, { buildkit }),
    },
  };
}

async function probeBuildah(exec: Exec): Promise<Probe> {
  const version = await ask(exec, 'buildah', ['--version']);
  if (typeof version === 'string') return { unusable: version };
  const number = /(\d+\.\d+\S*)/.exec(version.stdout)?.[1];
  if (version.exitCode !== 0 || number === undefined)
    return { unusable: lastLine(version.stderr) ?? 'it does not run' };
  return {
    engine: { kind: 'buildah', label: `buildah ${number}`, missing: missingInBuildah, plan: planBuildah },
  };
}

/** Runs a probe; a string says why it could not be run. */
async function ask(exec: Exec, file: string, args: readonly string[]): Promise<CommandResult | string> {
  try {
    return await exec({ file, args, output: 'silent' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `there is no ${file} on the PATH`;
    throw error;
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split('\n').at(-1) || undefined;
}
