import type { CallContext, JsonService } from '../protocol/service.js';
import type { Engine } from './engine.js';
import { invalidParameter } from './errors.js';
import { paginate } from './pagination.js';

/** Every setting and the value an account starts with. */
const DEFAULTS: Readonly<Record<string, string>> = {
  serviceLongArnFormat: 'enabled',
  taskLongArnFormat: 'enabled',
  containerInstanceLongArnFormat: 'enabled',
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  dualStackIPv6: 'disabled',
  fargateFIPSMode: 'disabled',
  fargateTaskRetirementWaitPeriod: '7',
  guardDutyActivate: 'off',
  tagResourceAuthorization: 'off',
  defaultLogDriverMode: 'non-blocking',
  fargateEventWindows: 'disabled',
};

interface SettingInput {
  name?: string;
  value?: string;
  effectiveSettings?: boolean;
  maxResults?: number;
  nextToken?: string;
}

/** Put, delete and list account settings; they are kept, and change nothing. */
export function createAccountSettingOperations(engine: Engine): JsonService['operations'] {
  function put(input: SettingInput, context: CallContext): object {
    const { name = '', value = '' } = input;
    if (!(name in DEFAULTS)) throw invalidParameter('Invalid setting name.');
    engine.account(context).accountSettings.set(name, value);
    return { setting: describe(name, value, context) };
  }

  return {
    PutAccountSetting: put,
    PutAccountSettingDefault: put,

    DeleteAccountSetting(input: SettingInput, context: CallContext) {
      const { name = '' } = input;
      const fallback = DEFAULTS[name];
      if (fallback === undefined) throw invalidParameter('Invalid setting name.');
      engine.account(context).accountSettings.delete(name);
      return { setting: describe(name, fallback, context) };
    },

    ListAccountSettings(input: SettingInput, context: CallContext) {
      const own = engine.account(context).accountSettings;
      const settings = { ...(input.effectiveSettings === true ? DEFAULTS : {}), ...Object.fromEntries(own) };
      const found = Object.entries(settings)
        .filter(([name, value]) => (input.name ?? name) === name && (input.value ?? value) === value)
        .map(([name, value]) => describe(name, value, context));
      const { page, ...more } = paginate(found, {
        ...(input.nextToken !== undefined && { nextToken: input.nextToken }),
      });
      return { settings: page, ...more };
    },
  };
}

function describe(name: string, value: string, { principalArn }: CallContext): object {
  return { name, value, principalArn, type: 'user' };
}
