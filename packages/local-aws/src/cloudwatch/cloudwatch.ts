import type { CallContext, JsonService } from '../protocol/service.js';
import type { Alarms } from '../world/ports.js';
import type { World } from '../world/world.js';
import { createAlarmOperations } from './alarms.js';
import type { Alarm } from './alarms.js';

export interface CloudWatch {
  readonly service: JsonService;
  readonly alarms: Alarms;
  reset(): void;
}

/** CloudWatch, as far as a deployment looks at it: alarms, whose state is set and never measured. */
export function createCloudWatch({ clock }: Pick<World, 'clock'>): CloudWatch {
  type Scope = Pick<CallContext, 'accountId' | 'region'>;
  const accounts = new Map<string, Map<string, Alarm>>();
  const listeners: Parameters<Alarms['onAlarm']>[0][] = [];
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
      operations: createAlarmOperations(clock, alarmsOf, (name, { accountId, region }) => {
        for (const listener of listeners) listener(name, { accountId, region });
      }),
    },
    alarms: {
      alarming: (names, context) => names.filter((name) => alarmsOf(context).get(name)?.state === 'ALARM'),
      onAlarm: (listener) => void listeners.push(listener),
    },
    reset: () => accounts.clear(),
  };
}
