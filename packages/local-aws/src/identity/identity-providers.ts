import { githubIssuer } from './issuer.js';

/** An OpenID Connect provider that an account trusts. */
export interface IdentityProviderOptions {
  /** Twelve digits. Default: the world's account. */
  readonly accountId?: string;
  /** URL of the issuer. Default: GitHub's. */
  readonly issuer?: string;
  /** The audiences it accepts. Default: `sts.amazonaws.com`. */
  readonly clientIds?: readonly string[];
}

export interface IdentityProvider {
  readonly accountId: string;
  readonly issuer: string;
  readonly clientIds: readonly string[];
}

/** The OpenID Connect providers of every account. */
export class IdentityProviders {
  readonly #accountId: string;
  readonly #providers = new Map<string, IdentityProvider>();

  constructor(accountId: string) {
    this.#accountId = accountId;
  }

  /** Adds a provider to an account, or replaces the one it has for that issuer. */
  put(options: IdentityProviderOptions = {}): IdentityProvider {
    const provider: IdentityProvider = {
      accountId: options.accountId ?? this.#accountId,
      issuer: options.issuer ?? githubIssuer,
      clientIds: options.clientIds ?? ['sts.amazonaws.com'],
    };
    this.#providers.set(keyOf(provider.accountId, provider.issuer), provider);
    return provider;
  }

  find(accountId: string, issuer: string): IdentityProvider | undefined {
    return this.#providers.get(keyOf(accountId, issuer));
  }

  /** Takes the provider out of the account; defaults as in {@link put}. */
  remove(options: Pick<IdentityProviderOptions, 'accountId' | 'issuer'> = {}): boolean {
    return this.#providers.delete(
      keyOf(options.accountId ?? this.#accountId, options.issuer ?? githubIssuer),
    );
  }

  clear(): void {
    this.#providers.clear();
  }
}

/** An issuer's URL without its scheme: how ARNs and condition keys name it. */
export function issuerName(issuer: string): string {
  return issuer.replace(/^https?:\/\//, '');
}

function keyOf(accountId: string, issuer: string): string {
  return `${accountId}/${issuerName(issuer)}`;
}
