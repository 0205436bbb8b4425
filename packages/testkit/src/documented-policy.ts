import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const page = fileURLToPath(new URL('../../../docs/oidc.md', import.meta.url));

/** What the documentation's policies are about; a test puts its own world in their place. */
export interface PolicyWorld {
  readonly accountId: string;
  readonly region: string;
}

/**
 * The policy that `docs/oidc.md` offers for pasting: the first JSON block after `title`. Tests run the actions under
 * these policies, so that whoever pastes one has one that works.
 */
export async function documentedPolicy<Policy>(title: string, world: PolicyWorld): Promise<Policy> {
  const text = await readFile(page, 'utf8');
  const at = text.indexOf(title);
  const block = at < 0 ? undefined : /```json\n(.*?)```/s.exec(text.slice(at))?.[1];
  if (block === undefined) throw new Error(`docs/oidc.md has no policy after "${title}"`);
  return JSON.parse(
    block.replaceAll('111122223333', world.accountId).replaceAll('eu-central-1', world.region),
  ) as Policy;
}
