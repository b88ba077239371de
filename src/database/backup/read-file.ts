import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BackupError } from './error.ts';
import {
  type BackupHeader,
  damaged,
  digestBytes,
  frameMax,
  frameTypes,
  headerMax,
  magic,
  parseHeader,
} from './format.ts';

/** A backup file whose checksum is correct. */
export interface BackupFile {
  readonly file: string;
  readonly bytes: number;
  readonly header: BackupHeader;
  /** Reads the frames in order. @throws BackupError when the file has changed since it was checked. */
  frames(): AsyncGenerator<Frame>;
}

export interface Frame {
  readonly type: keyof typeof frameTypes;
  readonly content: Buffer;
}

const typeOf = new Map(Object.entries(frameTypes).map(([name, letter]) => [letter.charCodeAt(0), name] as const));

/**
 * Reads the whole file once and compares its checksum.
 * @throws BackupError when the file cannot be read, is not a backup, has a newer format, or is damaged.
 */
export async function openBackup(file: string): Promise<BackupFile> {
  const input = await open(file, 'r').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file' : (cause.code ?? cause.message);
    throw new BackupError(`${file} cannot be read: ${reason}.`, { cause });
  });
  try {
    const { size: bytes } = await input.stat();
    const { header, start } = await readHeader(input, file, bytes);
    const digest = await readAt(input, bytes - digestBytes, digestBytes);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(file, { end: bytes - digestBytes - 1 })) hash.update(chunk as Buffer);
    if (!hash.digest().equals(digest)) throw damaged(file);
    return { file, bytes, header, frames: () => framesOf(file, { start, bytes, digest }) };
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(`${file} cannot be read: ${(error as Error).message}.`, { cause: error });
  } finally {
    await input.close();
  }
}

async function readHeader(input: FileHandle, file: string, bytes: number) {
  const intro = await readAt(input, 0, magic.length + 4);
  if (!intro.subarray(0, magic.length).equals(magic)) {
    const isNewer = intro.toString('latin1').startsWith('TIDINGS BACKUP ');
    const reason = isNewer ? 'has a format that this version of Tidings does not know' : 'is not a backup of Tidings';
    throw new BackupError(`${file} ${reason}.`);
  }
  const length = intro.readUInt32BE(magic.length);
  const start = intro.length + length;
  if (length > headerMax || start + digestBytes > bytes) throw damaged(file);
  const header: BackupHeader = parseHeader((await readAt(input, intro.length, length)).toString(), file);
  return { header, start };
}

async function readAt(input: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await input.read(buffer, 0, length, Math.max(position, 0));
  return buffer.subarray(0, bytesRead);
}

interface Body {
  /** The position at which the frames begin. */
  readonly start: number;
  readonly bytes: number;
  readonly digest: Buffer;
}

async function* framesOf(file: string, { start, bytes, digest }: Body): AsyncGenerator<Frame> {
  const hash = createHash('sha256');
  const gunzip = createGunzip();
  const compressed = Readable.from(hashed(file, { start, bytes }, hash));
  compressed.on('error', (error) => gunzip.destroy(error));
  compressed.pipe(gunzip);
  try {
    // Buffered chunks of the stream, which are cut into frames. The buffer keeps at most one incomplete frame and one
    // chunk.
    let pending: Buffer[] = [];
    let size = 0;
    const take = (length: number): Buffer => {
      const all = pending.length === 1 ? (pending[0] as Buffer) : Buffer.concat(pending);
      pending = all.length > length ? [all.subarray(length)] : [];
      size -= length;
      return all.subarray(0, length);
    };
    let next: { readonly type: keyof typeof frameTypes; readonly length: number } | undefined;
    for await (const chunk of gunzip) {
      pending.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      while (size >= (next === undefined ? 5 : next.length)) {
        if (next === undefined) {
          const head = take(5);
          const type = typeOf.get(head[0] ?? 0);
          const length = head.readUInt32BE(1);
          if (type === undefined || length > frameMax) throw damaged(file);
          next = { type: type as keyof typeof frameTypes, length };
        } else {
          const { type, length } = next;
          next = undefined;
          yield { type, content: take(length) };
        }
      }
    }
    if (size > 0 || next !== undefined || !hash.digest().equals(digest)) throw damaged(file);
  } catch (error) {
    throw error instanceof BackupError ? error : damaged(file, error);
  } finally {
    gunzip.destroy();
    compressed.destroy();
  }
}

/**
 * Reads the compressed bytes. Everything before the checksum is hashed again, because the file may have changed since
 * the check.
 */
async function* hashed(file: string, { start, bytes }: Omit<Body, 'digest'>, hash: Hash): AsyncGenerator<Buffer> {
  let position = 0;
  for await (const read of createReadStream(file, { end: bytes - digestBytes - 1 })) {
    const chunk = read as Buffer;
    hash.update(chunk);
    const skipped = Math.min(Math.max(start - position, 0), chunk.length);
    position += chunk.length;
    if (skipped < chunk.length) yield chunk.subarray(skipped);
  }
}
