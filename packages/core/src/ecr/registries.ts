import { parseEcrHost } from '../image/ecr-host.js';

/** A private registry to log in to. */
export interface EcrRegistry {
  /** Twelve digits; `undefined` means the account of the credentials. */
  readonly accountId: string | undefined;
  readonly region: string;
  /** Hosts that were asked for by name: dual stack and FIPS have their own, and clients match them letter by letter. */
  readonly hosts: readonly string[];
}

/**
 * Reads what a person names a registry by: an account id (in `region`) or the host of a private
 * ECR registry. `undefined` for anything else.
 */
export function parseEcrRegistry(text: string, region: string): EcrRegistry | undefined {
  if (/^\d{12}$/.test(text)) return { accountId: text, region, hosts: [] };
  const host = parseEcrHost(text);
  return host?.kind === 'private'
    ? { accountId: host.accountId, region: host.region, hosts: [text] }
    : undefined;
}

/** One entry for each account and region, with all the hosts that were named for it. */
export function groupEcrRegistries(registries: readonly EcrRegistry[]): EcrRegistry[] {
  const groups = new Map<string, EcrRegistry>();
  for (const registry of registries) {
    const key = `${registry.region}/${registry.accountId ?? ''}`;
    const hosts = new Set([...(groups.get(key)?.hosts ?? []), ...registry.hosts]);
    groups.set(key, { ...registry, hosts: [...hosts] });
  }
  return [...groups.values()];
}
