import { InvalidParameterError } from '../errors.js';
import { requireRange } from '../validation.js';

/** The two parameters of a paged call. */
export interface PageRequest {
  readonly maxResults?: number;
  readonly nextToken?: string;
}

/** One page of a list: ECR gives 100 at a time unless asked for up to 1000 (or `maximum`). */
export function pageOf<T>(
  items: readonly T[],
  { maxResults, nextToken }: PageRequest,
  maximum = 1000,
): { items: T[]; next: { nextToken?: string } } {
  const size = requireRange('maxResults', maxResults ?? Math.min(100, maximum), 1, maximum);
  const start = nextToken === undefined ? 0 : decode(nextToken);
  const end = start + size;
  return { items: items.slice(start, end), next: end < items.length ? { nextToken: encode(end) } : {} };
}

function encode(offset: number): string {
  return Buffer.from(`offset:${offset}`).toString('base64url');
}

function decode(token: string): number {
  const offset = /^offset:(\d+)$/.exec(Buffer.from(token, 'base64url').toString())?.[1];
  if (offset === undefined) throw new InvalidParameterError('nextToken', 'Invalid token');
  return Number(offset);
}
