import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGzip } from 'node:zlib';
import { BackupError } from './error.ts';
import { type BackupHeader, frameTypes, magic } from './format.ts';

/** A third of the default level's time, and a tenth more bytes. */
const compressionLevel = 3;

/** A backup file that is being written. It appears under its name when it is whole. */
export interface BackupWriter {
  /** Resolves when there is room for more. */
  frame(type: keyof typeof frameTypes, content: Uint8Array): Promise<void>;
  /** Completes the file on disk; returns its bytes. @throws BackupError if a file of that name has appeared. */
  finish(): Promise<number>;
  /** Removes what was written. May be called after `finish`. */
  discard(): Promise<void>;
}

/**
 * Begins the file, with mode 0600 because it holds password hashes and texts.
 * @throws BackupError when the file exists and may not be replaced, or cannot be written.
 */
export async function beginFile(file: string, header: BackupHeader, mayReplace: boolean): Promise<BackupWriter> {
  const draft = `${file}.${process.pid}.part`;
  const output = await open(draft, 'w', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new BackupError(`${file} cannot be written: ${cause.code ?? cause.message}.`, { cause });
  });
  const removeDraft = () => rmSync(draft, { force: true });
  // An interrupted command leaves no draft.
  process.once('exit', removeDraft);
  const hash = createHash('sha256');
  let bytes = 0;
  const put = async (content: Uint8Array) => {
    hash.update(content);
    bytes += content.length;
    await output.writeFile(content);
  };
  const text = Buffer.from(JSON.stringify(header));
  await put(Buffer.concat([magic, lengthOf(text), text]));

  const gzip = createGzip({ level: compressionLevel });
  const written = (async () => {
    for await (const chunk of gzip) await put(chunk as Buffer);
  })();
  // Both are reported by `frame` or `finish`.
  gzip.on('error', () => undefined);
  written.catch((error: Error) => gzip.destroy(error));

  return {
    async frame(type, content) {
      gzip.write(Buffer.concat([Buffer.from(frameTypes[type]), lengthOf(content)]));
      if (!gzip.write(content)) await Promise.race([once(gzip, 'drain'), written]);
    },
    async finish() {
      gzip.end();
      await written;
      await output.writeFile(hash.digest());
      await output.sync();
      await output.close();
      await moveTo(file, draft, mayReplace);
      process.off('exit', removeDraft);
      await syncFolder(dirname(file));
      return bytes + 32;
    },
    async discard() {
      gzip.destroy();
      await written.catch(() => undefined);
      await output.close().catch(() => undefined);
      await rm(draft, { force: true });
      process.off('exit', removeDraft);
    },
  };
}

function lengthOf(content: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return length;
}

async function moveTo(file: string, draft: string, mayReplace: boolean): Promise<void> {
  if (mayReplace) return rename(draft, file);
  try {
    // A link fails if the name is taken; `rename` would replace the file.
    await link(draft, file);
    await rm(draft);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new BackupError(`${file} exists; name another file, or replace it with --force.`);
    // A file system without links.
    await rename(draft, file);
  }
}

/** So that the name survives a loss of power. Not every system can do it. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // The file is whole all the same.
  } finally {
    await handle?.close();
  }
}
