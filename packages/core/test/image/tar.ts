import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type TarFormat = 'ustar' | 'pax' | 'gnu';

/**
 * Archives a folder as tar programs do: every name begins with `./`. With `pax` each file comes with an extended
 * header, with `gnu` the name comes in an entry of its own.
 */
export async function archiveFolder(folder: string, format: TarFormat): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) {
      parts.push(header(`./${name}/`, 0, '5'));
      continue;
    }
    const content = await readFile(path);
    if (format === 'pax')
      parts.push(...entry('PaxHeaders/x', 'x', paxRecords({ path: `./${name}`, mtime: '1.5' })));
    if (format === 'gnu') parts.push(...entry('././@LongLink', 'L', Buffer.from(`./${name}\0`)));
    parts.push(...entry(format === 'ustar' ? `./${name}` : 'short', '0', content));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function entry(name: string, type: string, content: Buffer): Buffer[] {
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512);
  return [header(name, content.length, type), content, padding];
}

function header(name: string, size: number, type: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write('0000644\0', 100);
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** Each record begins with its own length, which counts its own digits. */
function paxRecords(values: Record<string, string>): Buffer {
  const records = Object.entries(values).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length;
    while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
    return `${length}${rest}`;
  });
  return Buffer.from(records.join(''));
}
