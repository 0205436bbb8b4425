import { createHash, randomUUID, type Hash } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { algorithmOf, digestOf } from './digest.js';

/** Bytes on their way in. */
export interface Upload {
  /** UUID. */
  readonly id: string;
  /** Bytes received so far. */
  readonly size: number;
}

interface PendingUpload extends Upload {
  size: number;
  readonly path: string;
  readonly sha256: Hash;
}

/**
 * Content-addressed bytes in a temporary directory of their own, so that images do not fill the
 * memory of the process. Which repository may see a blob is the repositories' business.
 */
export class BlobStore {
  #directory: string | undefined;
  readonly #removeDirectory = () => this.clear();

  /** Bytes of a stored blob; undefined if it is not here. */
  size(digest: string): number | undefined {
    const path = this.#directory && this.#pathOf(digest);
    return path && existsSync(path) ? statSync(path).size : undefined;
  }

  /** The whole blob: for configurations, which are small. */
  read(digest: string): Buffer {
    return readFileSync(this.#pathOf(digest));
  }

  /** The bytes from `start` to `end`, both included; all of them by default. */
  stream(digest: string, range: { start?: number; end?: number } = {}): Readable {
    return createReadStream(this.#pathOf(digest), range);
  }

  /** Opens an empty upload. */
  begin(): Upload {
    const id = randomUUID();
    const path = join(this.#open(), id);
    writeFileSync(path, '');
    const upload: PendingUpload = { id, path, size: 0, sha256: createHash('sha256') };
    return upload;
  }

  /** Adds bytes at the end of an upload. */
  append(upload: Upload, bytes: Buffer): void {
    const pending = upload as PendingUpload;
    appendFileSync(pending.path, bytes);
    pending.sha256.update(bytes);
    pending.size += bytes.length;
  }

  /**
   * Ends an upload. Its bytes are kept under the first of `digests` that they hash to, which is
   * returned; where none matches they are dropped.
   */
  finish(upload: Upload, digests: readonly string[]): string | undefined {
    const pending = upload as PendingUpload;
    const sha256 = `sha256:${pending.sha256.digest('hex')}`;
    const digest = digests.find((wanted) =>
      algorithmOf(wanted) === 'sha256'
        ? wanted === sha256
        : wanted === digestOf(readFileSync(pending.path), algorithmOf(wanted)),
    );
    if (digest === undefined) this.discard(upload);
    else renameSync(pending.path, this.#pathOf(digest));
    return digest;
  }

  /** Drops an upload and its bytes. */
  discard(upload: Upload): void {
    rmSync((upload as PendingUpload).path, { force: true });
  }

  /** Drops a blob; readers that have it open keep it. */
  remove(digest: string): void {
    if (this.#directory) rmSync(this.#pathOf(digest), { force: true });
  }

  /** Drops everything, and the directory. */
  clear(): void {
    process.off('exit', this.#removeDirectory);
    if (this.#directory) rmSync(this.#directory, { recursive: true, force: true });
    this.#directory = undefined;
  }

  /** The directory exists only once something is stored, and goes with the process at the latest. */
  #open(): string {
    if (!this.#directory) {
      this.#directory = mkdtempSync(join(tmpdir(), 'local-aws-registry-'));
      process.once('exit', this.#removeDirectory);
    }
    return this.#directory;
  }

  #pathOf(digest: string): string {
    return join(this.#open(), digest.replace(':', '-'));
  }
}
