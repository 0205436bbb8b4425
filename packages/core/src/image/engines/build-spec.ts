import type { Command } from '../../ports.js';

/** An image to build, in words that every engine shares. */
export interface BuildSpec {
  /** A folder, or whatever else the engine takes: a git URL, for docker. */
  readonly context: string;
  /** The Dockerfile. Default: `Dockerfile` in the context. */
  readonly file?: string | undefined;
  /** Full references, each with a tag, in any number of repositories. */
  readonly references: readonly string[];
  /** `NAME=value`. */
  readonly buildArgs: readonly string[];
  /** `name=value`. */
  readonly labels: readonly string[];
  /** Stage of the Dockerfile to stop at. */
  readonly target?: string | undefined;
  /** `os/architecture[/variant]`. Empty: the engine's own. */
  readonly platforms: readonly string[];
  /** `type=registry,ref=…` or a bare reference, as the engine spells it. */
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly secrets: readonly BuildSecret[];
  /** `true`, `mode=max`, …; attestations turn the image into an index that some AWS services do not take. */
  readonly provenance?: string | undefined;
  readonly sbom?: string | undefined;
  /** Fetch newer base images. */
  readonly pull: boolean;
  readonly noCache: boolean;
  /** Push each reference; otherwise the image stays with the engine. */
  readonly push: boolean;
}

/** A secret that `RUN --mount=type=secret,id=…` sees. */
export type BuildSecret =
  | { readonly id: string; readonly path: string }
  /** Reaches the engine in its environment only: never on a command line, never in a file. */
  | { readonly id: string; readonly value: string };

/** How a build is run. */
export interface BuildPlan {
  /** Run one after the other, until one fails. */
  readonly steps: readonly BuildStep[];
  /** Where the digest of the pushed image stands when all is done; `undefined` where nothing is pushed. */
  readonly digest?: DigestSource | undefined;
}

/** One command of a build. */
export type BuildStep =
  | { readonly does: 'build'; readonly command: Command }
  | { readonly does: 'push'; readonly reference: string; readonly command: Command }
  /** Both at once, so that only its output tells which of the two failed. */
  | { readonly does: 'build-push'; readonly command: Command };

/** Where an engine leaves the digest of what it pushed. */
export type DigestSource =
  /** JSON that buildx writes, with `containerimage.digest`. */
  | { readonly kind: 'metadata-file'; readonly path: string }
  /** A file with nothing but the digest. */
  | { readonly kind: 'digest-file'; readonly path: string }
  /** A line `…: digest: sha256:… size: …` of the last step's output. */
  | { readonly kind: 'push-output' };

/** One secret's option of docker's and buildah's `--secret`, with the environment it needs. */
export interface SecretOption {
  readonly option: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Values travel in variables named by their position, so that an id may hold any character. */
export function secretOptions(secrets: readonly BuildSecret[]): SecretOption[] {
  return secrets.map((secret, index) => {
    if ('path' in secret) return { option: `id=${secret.id},src=${secret.path}`, env: {} };
    const variable = `ECS_ACTIONS_BUILD_SECRET_${index + 1}`;
    return { option: `id=${secret.id},env=${variable}`, env: { [variable]: secret.value } };
  });
}

/** `--name value` for each value. */
export function each(name: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [name, value]);
}

/** `--name value`, or nothing. */
export function optional(name: string, value: string | undefined): string[] {
  return value === undefined ? [] : [name, value];
}
