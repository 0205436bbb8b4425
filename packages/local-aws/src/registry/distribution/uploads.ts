import { isDigest } from '../digest.js';
import { emptyUpload, invalidLayer, uploadNotFound } from '../errors.js';
import type { Upload } from '../blob-store.js';
import type { Repository } from '../repository.js';
import { digestInvalid, DistributionError, methodNotAllowed } from './errors.js';
import { type Exchange, reply } from './exchange.js';

/** `/v2/NAME/blobs/uploads/` and `/v2/NAME/blobs/uploads/ID` */
export async function serveUpload(exchange: Exchange): Promise<void> {
  const { method } = exchange.request;
  if (exchange.reference === '') {
    if (method !== 'POST') throw methodNotAllowed(method);
    return start(exchange);
  }
  switch (method) {
    case 'GET':
      return report(exchange);
    case 'PATCH':
      return addChunk(exchange);
    case 'PUT':
      return complete(exchange);
    case 'DELETE':
      return cancel(exchange);
    default:
      throw methodNotAllowed(method);
  }
}

/** Starts an upload, or does without: by mounting a blob, or with the whole blob in the request. */
async function start(exchange: Exchange): Promise<void> {
  const { state, query } = exchange;
  const repository = exchange.repository('ecr:InitiateLayerUpload');
  const mount = query.get('mount');
  if (mount !== null && canMount(exchange, repository, mount)) {
    repository.blobs.add(mount);
    return replyStored(exchange, repository, mount);
  }

  const upload = state.blobs.begin();
  repository.uploads.set(upload.id, { upload, parts: [] });
  const digest = query.get('digest');
  if (digest === null) return replyProgress(exchange, 202, repository, upload);
  await receive(exchange, upload);
  return store(exchange, repository, upload, digest);
}

function report(exchange: Exchange): void {
  const { repository, upload } = find(exchange, 'ecr:UploadLayerPart');
  replyProgress(exchange, 204, repository, upload);
}

/** A chunk follows what is there. Without a `Content-Range` it is taken to do so; ECR answers 201 rather than 202. */
async function addChunk(exchange: Exchange): Promise<void> {
  const { repository, upload } = find(exchange, 'ecr:UploadLayerPart');
  requireNext(exchange, repository, upload);
  await receive(exchange, upload);
  replyProgress(exchange, exchange.strict ? 201 : 202, repository, upload);
}

async function complete(exchange: Exchange): Promise<void> {
  const { repository, upload } = find(exchange, 'ecr:CompleteLayerUpload');
  const digest = exchange.query.get('digest') ?? '';
  if (!isDigest(digest)) throw digestInvalid(digest);
  requireNext(exchange, repository, upload);
  await receive(exchange, upload);
  store(exchange, repository, upload, digest);
}

function cancel(exchange: Exchange): void {
  const { repository, upload } = find(exchange, 'ecr:CompleteLayerUpload');
  repository.uploads.delete(upload.id);
  exchange.state.blobs.discard(upload);
  reply(exchange, 204, {});
}

/**
 * A blob mounts from the repository that `from` names, or from any of the registry. ECR mounts only
 * where an account setting says so, which none does in the strict mode.
 */
function canMount(exchange: Exchange, repository: Repository, digest: string): boolean {
  const from = exchange.query.get('from');
  if (exchange.strict) return false;
  if (from !== null)
    return Boolean(exchange.otherRepository(from, 'ecr:GetDownloadUrlForLayer')?.blobs.has(digest));
  const { registryId: accountId, region } = repository;
  return [...exchange.state.repositories({ accountId, region }).keys()].some((name) =>
    exchange.otherRepository(name, 'ecr:GetDownloadUrlForLayer')?.blobs.has(digest),
  );
}

function find(exchange: Exchange, action: string): { repository: Repository; upload: Upload } {
  const repository = exchange.repository(action);
  const upload = repository.uploads.get(exchange.reference)?.upload;
  if (!upload) throw uploadNotFound(exchange.reference, repository);
  return { repository, upload };
}

function requireNext({ request }: Exchange, repository: Repository, upload: Upload): void {
  const range = request.headers['content-range'];
  if (range === undefined) return;
  const [, first, last] = /^(?:bytes )?(\d+)-(\d+)/.exec(range) ?? [];
  const length = request.headers['content-length'];
  const sizeFits = length === undefined || Number(last) - Number(first) + 1 === Number(length);
  if (Number(first) !== upload.size || !sizeFits)
    throw new DistributionError(
      416,
      'BLOB_UPLOAD_INVALID',
      `The chunk '${range}' does not follow the ${upload.size} bytes that are there`,
      progressHeaders(repository, upload),
    );
}

async function receive({ state, request }: Exchange, upload: Upload): Promise<void> {
  for await (const chunk of request) state.blobs.append(upload, chunk as Buffer);
}

function store(exchange: Exchange, repository: Repository, upload: Upload, digest: string): void {
  repository.uploads.delete(upload.id);
  if (!isDigest(digest)) {
    exchange.state.blobs.discard(upload);
    throw digestInvalid(digest);
  }
  if (exchange.strict && upload.size === 0) throw emptyUpload(upload.id, repository);
  if (exchange.state.blobs.finish(upload, [digest]) === undefined) throw invalidLayer();
  repository.blobs.add(digest);
  replyStored(exchange, repository, digest);
}

function replyStored(exchange: Exchange, { name }: Repository, digest: string): void {
  reply(exchange, 201, { Location: `/v2/${name}/blobs/${digest}`, 'Docker-Content-Digest': digest });
}

function replyProgress(exchange: Exchange, status: number, repository: Repository, upload: Upload): void {
  const length = status === 204 ? {} : { 'Content-Length': 0 };
  exchange.response.writeHead(status, { ...progressHeaders(repository, upload), ...length });
  exchange.response.end();
}

/** `Range` names the last byte received, and `0-0` while there is none. */
function progressHeaders({ name }: Repository, upload: Upload): Record<string, string> {
  return {
    Location: `/v2/${name}/blobs/uploads/${upload.id}`,
    Range: `0-${Math.max(0, upload.size - 1)}`,
    'Docker-Upload-UUID': upload.id,
  };
}
