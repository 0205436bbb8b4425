import { requireRange } from '../validation.js';
import { InvalidParameterError } from '../errors.js';
import { methodNotAllowed } from './errors.js';
import { type Exchange, replyJson } from './exchange.js';

/** `/v2/NAME/tags/list`, in alphabetical order, `n` at a time and after `last`. */
export async function serveTags(exchange: Exchange): Promise<void> {
  const { request, query } = exchange;
  if (request.method !== 'GET') throw methodNotAllowed(request.method);
  const { name, tags } = exchange.repository('ecr:ListImages');
  const last = query.get('last');
  const rest = [...tags.keys()].sort().filter((tag) => last === null || tag > last);
  const limit = limitOf(query.get('n'));
  const page = rest.slice(0, limit);
  const next = page.length < rest.length && page.at(-1);
  replyJson(
    exchange,
    200,
    { name, tags: page },
    next ? { Link: `</v2/${name}/tags/list?n=${limit}&last=${encodeURIComponent(next)}>; rel="next"` } : {},
  );
}

/** ECR refuses more than 1000. */
function limitOf(n: string | null): number | undefined {
  if (n === null) return undefined;
  const limit = Number(n);
  if (!Number.isInteger(limit)) throw new InvalidParameterError('maxResults', 'Member must be an integer');
  return requireRange('maxResults', limit, 0, 1000);
}
