/** How an injected fault shows. */
export type FaultKind =
  /** `ThrottlingException` (`Throttling` in STS, 429 from the registry and the issuer). */
  | 'throttle'
  /** A 500 in the service's own words. */
  | 'server-error'
  /** The connection is reset before an answer. */
  | 'reset'
  /** The answer comes `delayMs` of wall time late. */
  | 'delay'
  | 'expired-token'
  | 'access-denied'
  /**
   * A read answers what the very same read answered before; one that was never asked answers that
   * what it asks about is not there yet.
   */
  | 'stale-read';

/** Names as in {@link RequestRecord}. */
export interface Fault {
  /** `ecs`, `ecr`, `logs`, `codedeploy`, `elasticloadbalancing`, `monitoring`, `sts`, `oidc` or `registry`. */
  readonly service: string;
  /** An API operation (`UpdateService`; `GET manifests` in the registry). Default: every one. */
  readonly operation?: string;
  readonly kind: FaultKind;
  /** How many requests it hits. Default 1. */
  readonly times?: number;
  /** How many matching requests it lets pass first. Default 0. */
  readonly after?: number;
  /** For `delay`, in milliseconds of wall time. Default 1000. */
  readonly delayMs?: number;
}

const faultKinds: readonly FaultKind[] = [
  'throttle',
  'server-error',
  'reset',
  'delay',
  'expired-token',
  'access-denied',
  'stale-read',
];

/** What a test makes go wrong. */
export class Faults {
  #pending: { readonly fault: Fault; skip: number; left: number }[] = [];

  inject(fault: Fault): void {
    if (!faultKinds.includes(fault.kind)) {
      throw new RangeError(`There is no fault "${fault.kind}". Known: ${faultKinds.join(', ')}.`);
    }
    this.#pending.push({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#pending = [];
  }

  /** The fault that hits this request, if any; it has then happened once more. */
  take(service: string, operation: string): Fault | undefined {
    let hit: Fault | undefined;
    for (const entry of this.#pending) {
      if (hit !== undefined || !matches(entry.fault, service, operation)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      hit = entry.fault;
    }
    if (hit !== undefined) this.#pending = this.#pending.filter(({ left }) => left > 0);
    return hit;
  }
}

function matches(fault: Fault, service: string, operation: string): boolean {
  return fault.service === service && (fault.operation === undefined || fault.operation === operation);
}
