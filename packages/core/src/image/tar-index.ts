import type { FileHandle } from 'node:fs/promises';

/** Where a file's bytes stand in a tar archive. */
export interface TarEntry {
  /** Bytes from the beginning of the archive. */
  readonly offset: number;
  readonly size: number;
}

const BLOCK = 512;
/** Longest extended header that is read: names and times, never content. */
const LONGEST_HEADER = 1 << 20;

/**
 * Lists the regular files of an uncompressed tar archive (POSIX ustar and pax, GNU long names) without reading their
 * content. Names lose a leading `./`. `undefined` for a file that is no such archive.
 */
export async function indexTar(file: FileHandle): Promise<Map<string, TarEntry> | undefined> {
  const entries = new Map<string, TarEntry>();
  const { size: length } = await file.stat();
  let longName: string | undefined;
  for (let offset = 0; offset + BLOCK <= length;) {
    const header = await read(file, offset, BLOCK);
    if (header.every((byte) => byte === 0)) break;
    if (!isHeader(header)) return undefined;
    const size = sizeOf(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const body = offset + BLOCK;
    if (type === 'L' || type === 'x') {
      const extension = (await read(file, body, Math.min(size, LONGEST_HEADER))).toString('utf8');
      longName = type === 'L' ? extension.replace(/\0.*$/s, '') : (paxPath(extension) ?? longName);
    } else if (type !== 'g') {
      if (type === '0' || type === '\0')
        entries.set((longName ?? nameOf(header)).replace(/^\.\//, ''), { offset: body, size });
      longName = undefined;
    }
    offset = body + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries.size > 0 ? entries : undefined;
}

async function read(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

/** The checksum counts its own field as spaces. */
function isHeader(header: Buffer): boolean {
  const stated = Number.parseInt(text(header, 148, 8), 8);
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return header.length === BLOCK && stated === sum;
}

/** Octal digits, or, for more than 8 GiB, a binary number with its first bit set. */
function sizeOf(header: Buffer): number {
  if (((header[124] ?? 0) & 0x80) === 0) return Number.parseInt(text(header, 124, 12) || '0', 8);
  return Number(header.readBigUInt64BE(128));
}

function nameOf(header: Buffer): string {
  const isPosix = text(header, 257, 6) === 'ustar' && header[262] === 0;
  const prefix = isPosix ? text(header, 345, 155) : '';
  const name = text(header, 0, 100);
  return prefix === '' ? name : `${prefix}/${name}`;
}

function text(header: Buffer, start: number, length: number): string {
  return header
    .subarray(start, start + length)
    .toString('utf8')
    .replace(/\0.*$/s, '')
    .trim();
}

function paxPath(records: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(records)?.[1];
}
