import { EcsActionsError } from '../errors.js';

/** What an IAM role's ARN says. */
export interface RoleArn {
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
  /** Twelve digits. */
  readonly accountId: string;
  /** Name with its path, without a leading slash. */
  readonly roleName: string;
}

const ROLE_ARN = /^arn:(aws[\w-]*):iam::(\d{12}):role\/([\w+=,.@/-]+)$/;
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

/** Takes an IAM role's ARN apart. Throws `INPUT_INVALID`, naming `role-to-assume`. */
export function parseRoleArn(roleArn: string): RoleArn {
  const [, partition, accountId, roleName] = ROLE_ARN.exec(roleArn) ?? [];
  if (partition === undefined || accountId === undefined || roleName === undefined)
    throw new EcsActionsError('INPUT_INVALID', `role-to-assume is not the ARN of an IAM role: ${roleArn}`, {
      hint: 'Write it in full: arn:aws:iam::123456789012:role/NAME.',
    });
  return { partition, accountId, roleName };
}

/**
 * The audience that AWS's documentation has for a partition's OIDC provider:
 * `sts.amazonaws.com.cn` in China, `sts.amazonaws.com` elsewhere.
 */
export function defaultAudience(partition: string): string {
  return partition === 'aws-cn' ? 'sts.amazonaws.com.cn' : 'sts.amazonaws.com';
}

/** Returns `name` if STS takes it as a `RoleSessionName`; throws `INPUT_INVALID` otherwise. */
export function checkSessionName(name: string): string {
  if (SESSION_NAME.test(name)) return name;
  throw new EcsActionsError('INPUT_INVALID', `role-session-name is not one that STS accepts: ${name}`, {
    hint: 'Use 2 to 64 letters, digits and characters of _+=,.@- without spaces.',
  });
}

/**
 * A session name that leads an auditor from CloudTrail to the run: `gha-<repository>-<run id>`,
 * with foreign characters replaced and the repository shortened, never the run.
 */
export function sessionNameOfRun({ repository, runId }: { repository: string; runId: string }): string {
  const suffix = `-${runId}`;
  const name = `gha-${repository.split('/').at(-1) ?? ''}`.replaceAll(/[^\w+=,.@-]/g, '-');
  return `${name.slice(0, 64 - suffix.length)}${suffix}`;
}
