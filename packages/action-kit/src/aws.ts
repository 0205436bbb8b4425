import { readFile } from 'node:fs/promises';
import { getIDToken } from '@actions/core';
import { STSClient } from '@aws-sdk/client-sts';
import {
  assumeRoleWithIdToken,
  classifyAwsError,
  EcsActionsError,
  idTokenUnavailable,
  sessionNameOfRun,
  type AwsCredentialIdentityProvider,
  type MintIdToken,
} from '@ecs-actions/core';
import type { AwsInputs } from './aws-inputs.js';
import { abandonReads, renewExpired } from './client-middleware.js';
import type { ActionContext } from './run-action.js';
import type { RunContext } from './run-context.js';

/** What makes clients, all of them with one set of credentials. */
export interface Aws {
  readonly region: string;
  /** The role's credentials, refreshing themselves; `undefined` means the SDK's own chain. */
  readonly credentials: AwsCredentialIdentityProvider | undefined;
  /** A client for `region`, or for {@link Aws.region}. */
  client<Client>(Constructor: new (config: ClientConfig) => Client, region?: string): Client;
}

/** What {@link Aws.client} hands to a client. */
export interface ClientConfig {
  readonly region: string;
  readonly credentials?: AwsCredentialIdentityProvider;
  readonly customUserAgent: [string, string][];
  /** Attempts of the SDK for one call; its own default where absent. */
  readonly maxAttempts?: number;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
  };
}

/** A call without an answer is tried again long before a rollout's budget is spent on it. */
const REQUEST_HANDLER = {
  connectionTimeout: 5_000,
  requestTimeout: 30_000,
  throwOnRequestTimeout: true,
} as const;

/**
 * Settles region and credentials. With `role-to-assume` the job's ID token is exchanged when the first call needs
 * credentials, and they stay in this process; without it the SDK's chain serves (environment, web identity token file,
 * container and instance metadata, shared configuration).
 *
 * @throws EcsActionsError `INPUT_INVALID` without a region or with a malformed role.
 */
export async function connectAws(
  inputs: AwsInputs,
  context: ActionContext,
  more: Pick<ClientConfig, 'maxAttempts'> = {},
): Promise<Aws> {
  const region = inputs.region ?? (await ambientRegion());
  const credentials =
    inputs.roleToAssume === undefined
      ? undefined
      : roleCredentials(inputs.roleToAssume, inputs, region, context);
  const config: ClientConfig = {
    ...more,
    region,
    ...(credentials === undefined ? {} : { credentials }),
    customUserAgent: [['ecs-actions', '1']],
    requestHandler: REQUEST_HANDLER,
  };
  return {
    region,
    credentials,
    client: (Constructor, elsewhere = region) => {
      const client = new Constructor({ ...config, region: elsewhere });
      if (credentials !== undefined) renewExpired(client, (error) => classifyAwsError(error) === 'expired');
      abandonReads(client, context.signal);
      return client;
    },
  };
}

function roleCredentials(
  roleArn: string,
  inputs: AwsInputs,
  region: string,
  context: ActionContext,
): AwsCredentialIdentityProvider {
  const { repository = 'unknown', runId = '0' } = context.run;
  return assumeRoleWithIdToken(
    {
      roleArn,
      sessionName: inputs.roleSessionName ?? sessionNameOfRun({ repository, runId }),
      durationSeconds: inputs.roleDurationSeconds,
      mintIdToken: mintIdToken(context.run),
      sts: new STSClient({ region, requestHandler: REQUEST_HANDLER }),
    },
    { clock: context.clock, onSecret: context.mask },
  );
}

function mintIdToken(run: RunContext): MintIdToken {
  return async (audience) => {
    if (!run.canMintIdToken) throw idTokenUnavailable({ forkPullRequest: await isForkPullRequest(run) });
    try {
      return await getIDToken(audience);
    } catch (error) {
      throw idTokenUnavailable({ cause: error });
    }
  };
}

/**
 * Pull requests from forks never get an ID token, whatever the workflow's permissions say; under `pull_request_target`
 * the workflow is the target's own, and its permissions count.
 */
async function isForkPullRequest(run: RunContext): Promise<boolean> {
  if (run.eventPath === undefined || !/^pull_request(?!_target)/.test(run.eventName ?? '')) return false;
  try {
    const event = JSON.parse(await readFile(run.eventPath, 'utf8')) as {
      pull_request?: { head?: { repo?: { full_name?: string } | null } };
    };
    const head = event.pull_request?.head;
    return head !== undefined && head.repo?.full_name !== run.repository;
  } catch {
    return false;
  }
}

/** `AWS_REGION`, `AWS_DEFAULT_REGION`, then the shared configuration file, as the SDK would look. */
async function ambientRegion(): Promise<string> {
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  if (AWS_REGION) return AWS_REGION;
  if (AWS_DEFAULT_REGION) return AWS_DEFAULT_REGION;
  try {
    return await new STSClient({}).config.region();
  } catch (error) {
    throw new EcsActionsError(
      'INPUT_INVALID',
      'Input aws-region was not given, and the environment names no region either.',
      {
        hint: 'Write `aws-region: eu-central-1` (your region) under `with:`, or set AWS_REGION for the job.',
        cause: error,
      },
    );
  }
}
