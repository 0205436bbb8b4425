import { pack } from 'tar-stream';

/**
 * The containers of a task share one network for as long as the task lives, also after the first of them has ended. As
 * in Kubernetes and in ECS itself, a container that does nothing holds it. Its program is so small that it is made here
 * rather than pulled: an ELF header, one segment, and a loop around a system call that waits for ever.
 */
const CODE: Readonly<Record<string, { readonly machine: number; readonly code: readonly number[] }>> = {
  // mov eax, 34 (pause); syscall; jmp back
  amd64: { machine: 62, code: [0xb8, 0x22, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7] },
  // x0..x3 = 0; x8 = 73 (ppoll); svc 0; b back
  arm64: {
    machine: 183,
    code: [0xd2800000, 0xd2800001, 0xd2800002, 0xd2800003, 0xd2800928, 0xd4000001, 0x17fffffa].flatMap(
      (word) => [word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24],
    ),
  },
};

/** A tar archive with `/pause` in it, for `docker import`; `undefined` for an architecture that it is not known for. */
export async function pauseImage(architecture: string): Promise<Buffer | undefined> {
  const known = CODE[architecture];
  if (known === undefined) return undefined;
  const archive = pack();
  archive.entry({ name: 'pause', mode: 0o755, mtime: new Date(0) }, executable(known.machine, known.code));
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** ELF-64, little endian, statically linked: header, one loadable segment that is the whole file, code. */
function executable(machine: number, code: readonly number[]): Buffer {
  const headers = 64 + 56;
  const address = 0x400000n;
  const size = BigInt(headers + code.length);
  const file = Buffer.alloc(headers);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(address + BigInt(headers), 24); // entry point
  file.writeBigUInt64LE(64n, 32); // program header
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // loadable
  file.writeUInt32LE(5, 68); // readable, executable
  file.writeBigUInt64LE(address, 80);
  file.writeBigUInt64LE(address, 88);
  file.writeBigUInt64LE(size, 96);
  file.writeBigUInt64LE(size, 104);
  file.writeBigUInt64LE(0x10000n, 112); // alignment: the largest page of arm64
  return Buffer.concat([file, Buffer.from(code)]);
}
