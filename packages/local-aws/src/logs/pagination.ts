import { constraintFailed, invalidParameter } from './errors.js';

const mostItems = 50;

/** One page of what is found. A token names the item before its page, so it outlives additions. */
export function paginate<Item>(
  found: readonly Item[],
  nameOf: (item: Item) => string,
  input: { readonly nextToken?: string; readonly limit?: number },
): { page: readonly Item[]; nextToken: string | undefined } {
  const { limit = mostItems, nextToken } = input;
  if (limit < 1 || limit > mostItems) {
    throw constraintFailed(
      'limit',
      limit,
      limit < 1 ? 'have value greater than or equal to 1' : `have value less than or equal to ${mostItems}`,
    );
  }
  let start = 0;
  if (nextToken !== undefined) {
    const name = Buffer.from(nextToken, 'base64url').toString('utf8');
    start = found.findIndex((item) => nameOf(item) === name) + 1;
    if (start === 0) throw invalidParameter('The specified nextToken is invalid.');
  }
  const page = found.slice(start, start + limit);
  const last = page.at(-1);
  const more = start + limit < found.length && last !== undefined;
  return { page, nextToken: more ? Buffer.from(nameOf(last)).toString('base64url') : undefined };
}
