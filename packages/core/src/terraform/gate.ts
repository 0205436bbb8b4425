import type { RedactedResource } from './redact.js';

/** What to do about a plan that destroys: nothing, say so, or refuse it. */
export type DestroyPolicy = 'allow' | 'warn' | 'fail';

export interface DestroyVerdict {
  readonly policy: DestroyPolicy;
  /** False if the policy is `fail` and something goes. */
  readonly passed: boolean;
  /** Addresses of everything that is destroyed, replaced or forgotten, leftover (deposed) objects included. */
  readonly gone: readonly string[];
}

/** True if an object that exists now is destroyed, replaced, or leaves the state. */
export function losesObject({ actions }: { readonly actions: readonly string[] }): boolean {
  return actions.includes('delete') || actions.includes('forget');
}

/** Holds a plan against a destroy policy. Replacing counts as destroying, in whichever order, and so does forgetting. */
export function judgeDestroys(
  resources: readonly Pick<RedactedResource, 'address' | 'actions' | 'deposed'>[],
  policy: DestroyPolicy,
): DestroyVerdict {
  const gone = resources
    .filter(losesObject)
    .map(({ address, deposed }) => (deposed === undefined ? address : `${address} (deposed ${deposed})`));
  return { policy, passed: policy !== 'fail' || gone.length === 0, gone };
}
