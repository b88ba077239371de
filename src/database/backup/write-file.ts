import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createGzip } from 'node:zlib';
import { BackupError } from './error.ts';
import { type BackupHeader, digestBytes, frameTypes, magic } from './format.ts';

/** Takes a third of the time of the default level, and produces a tenth more bytes. */
const compressionLevel = 3;

/** A backup file that is being written. It gets its final name when it is complete. */
export interface BackupWriter {
  /** Adds a frame; resolves when the buffer has space for another one. */
  frame(type: keyof typeof frameTypes, content: Uint8Array): Promise<void>;
  /** Completes the file on disk; returns its size in bytes. @throws BackupError if a file of that name has appeared. */
  finish(): Promise<number>;
  /** Removes what was written. May be called after `finish`. */
  discard(): Promise<void>;
}

/**
 * Starts the file. Its mode is 0600, because it contains password hashes and texts.
 * @throws BackupError when the file exists and may not be replaced, or cannot be written.
 */
export async function beginFile(file: string, header: BackupHeader, mayReplace: boolean): Promise<BackupWriter> {
  const draft = `${file}.${process.pid}.part`;
  const output = await open(draft, 'w', 0o600).catch((cause: NodeJS.ErrnoException) => {
    throw new BackupError(`${file} cannot be written: ${cause.code ?? cause.message}.`, { cause });
  });
  const removeDraft = () => rmSync(draft, { force: true });
  // Also removes the draft of an interrupted command.
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
  // The errors of both are reported by `frame` or `finish`.
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
      return bytes + digestBytes;
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
    // The file system does not support links.
    await rename(draft, file);
  }
}

/** Flushes the folder, so that the name survives a power failure. Not every system supports this. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // The file is complete even if this fails.
  } finally {
    await handle?.close();
  }
}
