import { judgePatience } from './fail-fast.js';
import { judgeDeployments } from './judge-deployments.js';
import { judgeServiceDeployment } from './judge-service-deployment.js';
import type { Verdict } from './outcome.js';
import type { ExpectedRollout, ServiceSnapshot } from './snapshot.js';
import { stopped, type Finding } from './verdicts.js';

/** How long a service that DescribeServices calls MISSING may be a stale answer. */
const MISSING_GRACE_MS = 10_000;

/**
 * Decides how a rollout ended, or `undefined` while it has not.
 *
 * The service deployment is believed first, since it alone remembers; DescribeServices decides
 * where it is absent or cannot be read any more. Never judged by "one deployment left" or "running
 * equals desired": both are true at moments when nothing has been deployed yet.
 */
export function judgeRollout(snapshot: ServiceSnapshot, rollout: ExpectedRollout): Verdict | undefined {
  const finding =
    judgeExistence(snapshot) ??
    judgeServiceDeployment(snapshot, rollout) ??
    judgeDeployments(snapshot, rollout) ??
    judgePatience(snapshot, rollout);
  return finding === 'open' ? undefined : finding;
}

function judgeExistence({ at, service, missingSince }: ServiceSnapshot): Finding {
  if (service === undefined) {
    const gone = missingSince !== undefined && at - missingSince >= MISSING_GRACE_MS;
    return gone ? stopped('The service was deleted while it was being deployed.') : 'open';
  }
  if (service.status === 'DRAINING' || service.status === 'INACTIVE')
    return stopped(`The service was deleted while it was being deployed (status ${service.status}).`);
  return undefined;
}
