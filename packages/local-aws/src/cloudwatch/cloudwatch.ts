import type { CallContext, JsonService, QueryService } from '../protocol/service.js';
import type { FindAlarming } from '../world/ports.js';
import type { World } from '../world/world.js';
import { queryVariant } from './query-variant.js';
import { createAlarmOperations } from './alarms.js';
import type { Alarm, OnAlarmState } from './alarms.js';

/** What the server and CodeDeploy get of it. */
export interface CloudWatch {
  readonly service: JsonService;
  /** The same for clients of some years ago. */
  readonly queryService: QueryService;
  readonly findAlarming: FindAlarming;
  reset(): void;
}

/** CloudWatch, as far as a deployment looks at it: alarms, whose state is set and never measured. */
export function createCloudWatch(
  { clock }: Pick<World, 'clock'>,
  { onAlarmState }: { onAlarmState: OnAlarmState },
): CloudWatch {
  type Scope = Pick<CallContext, 'accountId' | 'region'>;
  const accounts = new Map<string, Map<string, Alarm>>();
  const alarmsOf = ({ accountId, region }: Scope): Map<string, Alarm> => {
    const key = `${accountId}/${region}`;
    const known = accounts.get(key) ?? new Map<string, Alarm>();
    accounts.set(key, known);
    return known;
  };
  const operations = createAlarmOperations(clock, alarmsOf, onAlarmState);
  const signingName = 'monitoring';
  return {
    service: { targetPrefix: 'GraniteServiceVersion20100801', signingName, operations },
    queryService: {
      signingName,
      namespace: 'http://monitoring.amazonaws.com/doc/2010-08-01/',
      operations: queryVariant(operations),
    },
    findAlarming: (names, context) => names.filter((name) => alarmsOf(context).get(name)?.state === 'ALARM'),
    reset: () => accounts.clear(),
  };
}
