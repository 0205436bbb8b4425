import { pipeline } from 'node:stream/promises';
import { isDigest } from '../digest.js';
import { blobUnknown, digestInvalid, DistributionError, methodNotAllowed } from './errors.js';
import { type Exchange, reply } from './exchange.js';

/** `/v2/NAME/blobs/DIGEST` */
export async function serveBlob(exchange: Exchange): Promise<void> {
  switch (exchange.request.method) {
    case 'HEAD':
      return head(exchange);
    case 'GET':
      return get(exchange);
    case 'DELETE':
      return remove(exchange);
    default:
      throw methodNotAllowed(exchange.request.method);
  }
}

function head(exchange: Exchange): void {
  const size = sizeFor(exchange, 'ecr:BatchCheckLayerAvailability');
  reply(exchange, 200, { ...headersOf(exchange.reference), 'Content-Length': size });
}

async function get(exchange: Exchange): Promise<void> {
  const { state, request, response, reference: digest } = exchange;
  const size = sizeFor(exchange, 'ecr:GetDownloadUrlForLayer');
  const range = parseRange(request.headers.range, size);
  if (range) {
    response.writeHead(206, {
      ...headersOf(digest),
      'Content-Length': range.end - range.start + 1,
      'Content-Range': `bytes ${range.start}-${range.end}/${size}`,
    });
  } else response.writeHead(200, { ...headersOf(digest), 'Content-Length': size });
  await pipeline(state.blobs.stream(digest, range), response);
}

function remove(exchange: Exchange): void {
  const repository = exchange.repository('ecr:BatchDeleteImage');
  if (!exchange.state.removeBlob(repository, exchange.reference)) throw blobUnknown();
  reply(exchange, 202, {});
}

function sizeFor(exchange: Exchange, action: string): number {
  const repository = exchange.repository(action);
  if (!isDigest(exchange.reference)) throw digestInvalid(exchange.reference);
  const size = repository.blobs.has(exchange.reference)
    ? exchange.state.blobs.size(exchange.reference)
    : undefined;
  if (size === undefined) throw blobUnknown();
  return size;
}

function headersOf(digest: string): Record<string, string> {
  return {
    'Content-Type': 'application/octet-stream',
    'Docker-Content-Digest': digest,
    ETag: `"${digest}"`,
    'Accept-Ranges': 'bytes',
  };
}

/** One range of bytes (RFC 9110, section 14); anything else is ignored, as the RFC allows. */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start > end)
    throw new DistributionError(416, 'SIZE_INVALID', `The range '${header}' is outside the blob`, {
      'Content-Range': `bytes */${size}`,
    });
  return { start, end };
}
