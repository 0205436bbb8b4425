import type { AwsInputs } from './aws-inputs.js';
import type { ActionContext } from './run-action.js';

/** What one child process needs to call AWS. */
export interface ChildCredentials {
  /** To add to its environment; `undefined` removes a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What of it must not be shown. */
  readonly secrets: readonly string[];
}

/**
 * The credentials of `role-to-assume` as the environment of a child process, and of nothing else: no later step sees
 * them. Without a role the child finds the ambient ones by itself, and only the region is set.
 *
 * @throws EcsActionsError as `connectAws`, and `ROLE_REFUSED` if the role cannot be taken.
 */
export async function childCredentials(inputs: AwsInputs, context: ActionContext): Promise<ChildCredentials> {
  if (inputs.roleToAssume === undefined) {
    const { region } = inputs;
    return {
      env: region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region },
      secrets: [],
    };
  }
  // Only now: without a role no AWS client is needed, and it takes longer to load than all the rest.
  const { connectAws } = await import(/* webpackMode: "eager" */ './aws.js');
  const { region, credentials } = await connectAws(inputs, context);
  const { accessKeyId, secretAccessKey = '', sessionToken = '' } = (await credentials?.()) ?? {};
  return {
    env: {
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      // Any of these would win over the keys.
      AWS_PROFILE: undefined,
      AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
      AWS_ROLE_ARN: undefined,
    },
    secrets: [secretAccessKey, sessionToken],
  };
}
