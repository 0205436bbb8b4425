import type { CallContext, JsonService } from '../protocol/service.js';
import type { FindAlarming } from '../world/ports.js';
import type { World } from '../world/world.js';
import { createAlarmOperations } from './alarms.js';
import type { Alarm, OnAlarmState } from './alarms.js';

/** What the server and CodeDeploy get of it. */
export interface CloudWatch {
  readonly service: JsonService;
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
  return {
    service: {
      targetPrefix: 'GraniteServiceVersion20100801',
      signingName: 'monitoring',
      operations: createAlarmOperations(clock, alarmsOf, onAlarmState),
    },
    findAlarming: (names, context) => names.filter((name) => alarmsOf(context).get(name)?.state === 'ALARM'),
    reset: () => accounts.clear(),
  };
}
