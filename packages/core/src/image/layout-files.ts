import { createReadStream, type ReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EcsActionsError } from '../errors.js';
import { indexTar, type TarEntry } from './tar-index.js';

/** The files of an image layout, whatever holds them. Names are relative, with forward slashes. */
export interface LayoutFiles {
  /** Bytes; `undefined` for a file that is not there. */
  sizeOf(name: string): Promise<number | undefined>;
  /** The content of a file that is there. */
  open(name: string): ReadStream;
}

/** Opens a folder or an uncompressed tar archive. Throws `FILE_NOT_FOUND` or `IMAGE_LAYOUT_INVALID`. */
export async function openLayoutFiles(path: string): Promise<LayoutFiles> {
  const found = await stat(path).catch((error: unknown) => {
    throw new EcsActionsError('FILE_NOT_FOUND', `There is no image layout at ${path}`, {
      hint: 'Build one in an earlier step, for example with docker buildx build --output type=oci,dest=image.tar.',
      cause: error,
    });
  });
  return found.isDirectory() ? folderFiles(path) : tarFiles(path);
}

function folderFiles(folder: string): LayoutFiles {
  return {
    sizeOf: async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return found?.isFile() ? found.size : undefined;
    },
    open: (name) => createReadStream(join(folder, name)),
  };
}

async function tarFiles(path: string): Promise<LayoutFiles> {
  const entries = await readTarIndex(path);
  if (entries === undefined)
    throw new EcsActionsError('IMAGE_LAYOUT_INVALID', `${path} is neither a folder nor a tar archive.`, {
      hint: 'A compressed archive has to be unpacked first.',
    });
  return {
    sizeOf: async (name) => entries.get(name)?.size,
    open: (name) => {
      const { offset = 0, size = 0 } = entries.get(name) ?? {};
      // An empty range cannot be asked for; a start behind the end of the file reads nothing.
      return size === 0
        ? createReadStream(path, { start: Number.MAX_SAFE_INTEGER })
        : createReadStream(path, { start: offset, end: offset + size - 1 });
    },
  };
}

async function readTarIndex(path: string): Promise<Map<string, TarEntry> | undefined> {
  const file = await open(path);
  try {
    return await indexTar(file);
  } finally {
    await file.close();
  }
}
