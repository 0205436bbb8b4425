import { createHash } from 'node:crypto';
import type { Permissions } from './permissions.js';
import { policyFaults } from './policy.js';
import type { PolicyDocument } from './policy.js';

/** A role to put into this world. */
export interface RoleOptions {
  /** `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`, or just a name in the default account. */
  readonly role: string;
  /** As IAM takes it. `Principal` may name `Federated` and `AWS`. */
  readonly trustPolicy: PolicyDocument;
  /** 3600 to 43200. Default 3600. */
  readonly maxSessionDurationSeconds?: number;
  /** Identity-based policies, as IAM takes them. Default: everything is allowed. */
  readonly policies?: readonly PolicyDocument[];
  /** Actions (`ecs:*`) allowed on every resource; the short way of writing `policies`. */
  readonly allow?: readonly string[];
  /** Actions (`ecs:UpdateService`) that no policy allows, whatever else is said. */
  readonly deny?: readonly string[];
}

/** A role as it stands. */
export interface Role {
  readonly arn: string;
  readonly name: string;
  readonly accountId: string;
  readonly partition: string;
  /** `AROA…` */
  readonly id: string;
  readonly trustPolicy: PolicyDocument;
  readonly maxSessionDurationSeconds: number;
  readonly permissions: Permissions;
}

/** The roles of every account of this world. */
export class Roles {
  readonly #accountId: string;
  readonly #byArn = new Map<string, Role>();

  constructor(accountId: string) {
    this.#accountId = accountId;
  }

  /** Adds a role, or replaces the one of that ARN; sessions it has given out stay as they are. */
  put(options: RoleOptions): Role {
    const arn = options.role.startsWith('arn:')
      ? options.role
      : `arn:aws:iam::${this.#accountId}:role/${options.role}`;
    const parts = parseRoleArn(arn);
    if (parts === undefined) throw new TypeError(`"${options.role}" is neither a role's name nor its ARN.`);
    const faults = [options.trustPolicy, ...(options.policies ?? [])].flatMap(policyFaults);
    const maxSessionDurationSeconds = options.maxSessionDurationSeconds ?? 3600;
    if (!(maxSessionDurationSeconds >= 3600 && maxSessionDurationSeconds <= 43_200)) {
      faults.push(`maxSessionDurationSeconds is ${maxSessionDurationSeconds}, not 3600 to 43200.`);
    }
    if (faults.length > 0) throw new TypeError(`${arn}: ${faults.join(' ')}`);
    const role: Role = {
      arn,
      ...parts,
      id: `AROA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`,
      trustPolicy: options.trustPolicy,
      maxSessionDurationSeconds,
      permissions: permissionsOf(options),
    };
    this.#byArn.set(arn, role);
    return role;
  }

  get(arn: string): Role | undefined {
    return this.#byArn.get(arn);
  }

  list(): Role[] {
    return [...this.#byArn.values()];
  }

  remove(arn: string): boolean {
    return this.#byArn.delete(arn);
  }

  clear(): void {
    this.#byArn.clear();
  }
}

/** Permissions from what an options object says of them. */
export function permissionsOf(options: Pick<RoleOptions, 'policies' | 'allow' | 'deny'>): Permissions {
  const allowed: PolicyDocument[] =
    options.allow === undefined
      ? []
      : [{ Statement: { Effect: 'Allow', Action: options.allow, Resource: '*' } }];
  return {
    policies: [...(options.policies ?? []), ...allowed],
    withheld: options.deny ?? [],
    sessionPolicies: [],
  };
}

/** Undefined if it is no role's ARN. */
export function parseRoleArn(
  arn: string,
): { partition: string; accountId: string; name: string } | undefined {
  const match = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(arn);
  if (match === null) return undefined;
  const [, partition = '', accountId = '', name = ''] = match;
  return { partition, accountId, name };
}
