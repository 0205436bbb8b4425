import { randomBytes } from 'node:crypto';
import type { Permissions } from './permissions.js';

/** Somebody whose requests are answered. */
export interface Principal {
  /** `arn:aws:sts::…:assumed-role/ROLE/SESSION` or `arn:aws:iam::…:user/NAME`. */
  readonly arn: string;
  /** As in GetCallerIdentity: `AROA…:SESSION` or `AIDA…`. */
  readonly userId: string;
  readonly accountId: string;
  /** The role behind a session. */
  readonly roleArn?: string;
  readonly permissions: Permissions;
}

/** Keys, and whose they are. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Only keys of a session have one. */
  readonly sessionToken?: string;
  /** Epoch milliseconds of wall time. Keys without never end. */
  readonly expiresAt?: number;
  readonly principal: Principal;
}

/** Every pair of keys this world has given out. */
export class CredentialStore {
  readonly #byKey = new Map<string, Credential>();

  find(accessKeyId: string): Credential | undefined {
    return this.#byKey.get(accessKeyId);
  }

  /** The principal of an ARN, as its latest keys have it. */
  findPrincipal(arn: string): Principal | undefined {
    return [...this.#byKey.values()].findLast(({ principal }) => principal.arn === arn)?.principal;
  }

  /** Keys of a session; without `expiresAt` they never end. */
  issueSession(principal: Principal, expiresAt?: number): Credential & { sessionToken: string } {
    return this.#add({
      accessKeyId: `ASIA${randomId(16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: randomBytes(240).toString('base64'),
      principal,
      ...(expiresAt !== undefined && { expiresAt }),
    });
  }

  /** Keys of a user, which have no session token. */
  issueKeys(principal: Principal): Credential {
    return this.#add({
      accessKeyId: `AKIA${randomId(16)}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      principal,
    });
  }

  /** Ends every session that has an end, as if its time were up. */
  expireSessions(): void {
    for (const credential of this.#byKey.values()) {
      if (credential.expiresAt !== undefined) this.#add({ ...credential, expiresAt: 0 });
    }
  }

  #add<C extends Credential>(credential: C): C {
    this.#byKey.set(credential.accessKeyId, credential);
    return credential;
  }
}

const idLetters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** `length` random letters of the alphabet of AWS's unique ids. */
function randomId(length: number): string {
  return Array.from(randomBytes(length), (byte) => idLetters[byte % idLetters.length]).join('');
}
