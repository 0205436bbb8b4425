import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long ECR's authorization tokens live. */
export const tokenLifetimeMs = 12 * 3_600_000;

/** What a registry password says: which registry it opens, and for whom. */
export interface RegistryGrant {
  /** Owner of the registry. */
  readonly registryId: string;
  readonly region: string;
  /** Who asked for it. */
  readonly accountId: string;
  readonly principalArn: string;
}

/** A password that was checked. */
export type Verdict = { readonly grant: RegistryGrant } | { readonly refused: 'invalid' | 'expired' };

/** Issues registry passwords and reads them back. Nothing is stored: the password carries its grant, signed. */
export class RegistryTokens {
  readonly #key = randomBytes(32);
  readonly #now: () => number;

  /** `now` is wall time in epoch milliseconds: docker and its likes know no other. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A password as ECR shapes it: base64 of JSON with `payload`, `datakey`, `version`, `type`, `expiration`. */
  issue(
    grant: RegistryGrant,
    lifetimeMs: number = tokenLifetimeMs,
  ): { password: string; expiresAtMs: number } {
    const expiresAtMs = this.#now() + lifetimeMs;
    const payload = Buffer.from(JSON.stringify({ ...grant, expiresAtMs })).toString('base64');
    const password = Buffer.from(
      JSON.stringify({
        payload,
        datakey: this.#sign(payload).toString('base64'),
        version: '2',
        type: 'DATA_KEY',
        expiration: Math.floor(expiresAtMs / 1000),
      }),
    ).toString('base64');
    return { password, expiresAtMs };
  }

  /** Reads a password back. */
  verify(password: string): Verdict {
    const { payload, datakey } = parse(password);
    const signature = Buffer.from(datakey, 'base64');
    const expected = this.#sign(payload);
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected))
      return { refused: 'invalid' };
    const { expiresAtMs, ...grant } = JSON.parse(
      Buffer.from(payload, 'base64').toString(),
    ) as RegistryGrant & { expiresAtMs: number };
    return expiresAtMs <= this.#now() ? { refused: 'expired' } : { grant };
  }

  #sign(payload: string): Buffer {
    return createHmac('sha256', this.#key).update(payload).digest();
  }
}

/** Takes whatever a client sends; the signature says later whether it is ours. */
function parse(password: string): { payload: string; datakey: string } {
  try {
    const { payload, datakey } = JSON.parse(Buffer.from(password, 'base64').toString()) ?? {};
    if (typeof payload === 'string' && typeof datakey === 'string') return { payload, datakey };
  } catch {
    // Not one of ours: an empty signature is refused like any other wrong one.
  }
  return { payload: '', datakey: '' };
}
