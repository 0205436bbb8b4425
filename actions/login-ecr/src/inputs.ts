import { readAwsInputs, readInputs, type AwsInputs } from '@ecs-actions/action-kit';
import { parseEcrRegistry } from '@ecs-actions/core';
import type { InputName } from './action.js';

export interface Inputs {
  readonly aws: AwsInputs;
  /** Account ids and hosts, as they were written. */
  readonly registries: readonly string[];
  readonly maskPassword: boolean;
  readonly skipLogout: boolean;
}

export function loginInputs(): Inputs {
  return readInputs<InputName, Inputs>((input) => {
    const registries = input.list('registries');
    for (const name of registries.filter((text) => parseEcrRegistry(text, '') === undefined))
      input.fault(
        'registries',
        `names "${name}": write an account id of twelve digits, or a host such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com.`,
      );
    if (input.optional('registry-type')?.toLowerCase() === 'public')
      input.fault('registry-type', 'is "public": only private registries are supported.');
    else input.choice('registry-type', ['private'], 'private');
    return {
      aws: readAwsInputs(input),
      registries,
      maskPassword: input.boolean('mask-password', true),
      skipLogout: input.boolean('skip-logout', false),
    };
  });
}
