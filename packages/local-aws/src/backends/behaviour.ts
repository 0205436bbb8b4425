/** What a scripted container does, written as `name`, `name:argument`, or `name…@duration`. */
export type Behaviour =
  /** Runs until stopped. */
  | { readonly kind: 'healthy' }
  /** Ends by itself with this code. */
  | { readonly kind: 'exit'; readonly exitCode: number; readonly afterMs: number }
  /** Dies of a segmentation fault. */
  | { readonly kind: 'crash'; readonly afterMs: number }
  /** Is killed for its memory. */
  | { readonly kind: 'oom'; readonly afterMs: number }
  /** Runs, but fails every check of its health and of its target group. */
  | { readonly kind: 'never-healthy' }
  /** Is healthy at first, then fails every check. */
  | { readonly kind: 'unhealthy'; readonly afterMs: number }
  /** Cannot be pulled (or, with a reason of its own, cannot be started at all). */
  | { readonly kind: 'pull-error' }
  /** Fargate has no capacity for its task. */
  | { readonly kind: 'no-capacity' }
  /** Takes this long to pull and start, then runs until stopped. */
  | { readonly kind: 'slow'; readonly startMs: number };

/** The label that picks a behaviour, on a container definition or an image. */
const BEHAVIOUR_LABEL = 'local-aws.behaviour';
/** The label whose lines (one each) a container writes, on a container definition or an image; instead of lines made up. */
export const LOG_LABEL = 'local-aws.log';
/** The label whose text is given as the reason where a container cannot start, or ends by itself. */
export const REASON_LABEL = 'local-aws.reason';

const SHORT_RUN_MS = 3_000;
const CRASH_AFTER_MS = 6_000;
const UNHEALTHY_AFTER_MS = 60_000;
const SLOW_START_MS = 120_000;

/**
 * Reads `healthy`, `exit:1`, `exit:1@20s` (after 20 s), `crash`, `oom@2m`, `never-healthy`,
 * `unhealthy@1m`, `pull-error`, `no-capacity`, `slow`, `slow:90s`. Durations are `ms`, `s` or `m`. `undefined` for anything else,
 * such as an ordinary image tag.
 */
export function parseBehaviour(text: string | undefined): Behaviour | undefined {
  const match = /^(?<kind>[a-z-]+)(?:[:-](?<argument>\d+(?:ms|s|m)?))?(?:[@-](?<after>\d+(?:ms|s|m)))?$/.exec(
    text?.trim() ?? '',
  );
  const { kind, argument, after } = match?.groups ?? {};
  const afterMs = after === undefined ? undefined : parseDuration(after);
  switch (kind) {
    case 'healthy':
    case 'never-healthy':
    case 'pull-error':
    case 'no-capacity':
      return argument === undefined && after === undefined ? { kind } : undefined;
    case 'exit':
      if (argument === undefined || !/^\d{1,3}$/.test(argument)) return undefined;
      return { kind, exitCode: Number(argument), afterMs: afterMs ?? SHORT_RUN_MS };
    case 'crash':
    case 'oom':
      return argument === undefined ? { kind, afterMs: afterMs ?? CRASH_AFTER_MS } : undefined;
    case 'unhealthy':
      return argument === undefined ? { kind, afterMs: afterMs ?? UNHEALTHY_AFTER_MS } : undefined;
    case 'slow':
      return { kind, startMs: parseDuration(argument) ?? afterMs ?? SLOW_START_MS };
    default:
      return undefined;
  }
}

function parseDuration(text: string | undefined): number | undefined {
  const [, amount, unit] = /^(\d+)(ms|s|m)$/.exec(text ?? '') ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

/**
 * Picks the behaviour of a container: its `dockerLabels`, else the image's label, else the image's
 * tag, else `healthy`.
 */
export function chooseBehaviour(container: {
  readonly image: string;
  readonly dockerLabels: Readonly<Record<string, string>>;
  readonly imageLabels: Readonly<Record<string, string>>;
}): Behaviour {
  return (
    parseBehaviour(container.dockerLabels[BEHAVIOUR_LABEL]) ??
    parseBehaviour(container.imageLabels[BEHAVIOUR_LABEL]) ??
    parseBehaviour(tagOf(container.image)) ?? { kind: 'healthy' }
  );
}

/** A tag cannot hold `:` or `@`, so `exit-1` and `exit-1-20s` are read there too. */
function tagOf(image: string): string | undefined {
  return /^[^@]*\/[^@:]*:([^@/]+)(?:@|$)|^[^@/:]*:([^@/]+)(?:@|$)/.exec(image)?.slice(1).find(Boolean);
}
