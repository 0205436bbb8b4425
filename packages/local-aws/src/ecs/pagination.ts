import { invalidParameter } from './errors.js';

/** One page of a list, and the token of the next. `maxResults` outside 1–100 is refused. */
export function paginate<T>(
  items: readonly T[],
  { maxResults, nextToken }: { maxResults?: number; nextToken?: string },
  defaultSize = 100,
): { page: T[]; nextToken?: string } {
  const size = maxResults ?? defaultSize;
  if (!Number.isInteger(size) || size < 1 || size > 100) {
    throw invalidParameter('maxResults should be between 1 and 100.');
  }
  const from = nextToken === undefined ? 0 : decodeToken(nextToken);
  const page = items.slice(from, from + size);
  const end = from + size;
  return end < items.length ? { page, nextToken: encodeToken(end) } : { page };
}

function encodeToken(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function decodeToken(token: string): number {
  const match = /^offset:(\d+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (match === null) throw invalidParameter('Invalid token.');
  return Number(match[1]);
}
