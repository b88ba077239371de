import { z } from 'zod';
import { BackupError } from './error.ts';

// A backup file: the line `magic`; the length of the header (4 bytes, big endian) and the header as JSON; frames,
// compressed as one gzip stream; and the SHA-256 of everything before it. A frame is its type (1 byte), the length of
// its content (4 bytes, big endian) and the content.

/** The first line of every backup file; the number is the version of the format. */
export const magic = Buffer.from('TIDINGS BACKUP 1\n');
/** Bytes of the SHA-256 at the end. */
export const digestBytes = 32;
/** Maximum bytes of a header. */
export const headerMax = 16 * 1024 * 1024;
/** Maximum bytes of the content of a frame. */
export const frameMax = 64 * 1024 * 1024;

export const frameTypes = { table: 'T', data: 'D', tableEnd: 'E', end: 'Z' } as const;

const Table = z.object({ name: z.string(), columns: z.array(z.string()) });
const Header = z.object({
  /** The version of the service that created the backup. */
  version: z.string(),
  created_at: z.string(),
  /** The server's version, such as `18.4`. */
  postgres: z.string(),
  /** The identity of the database; null if no service has used the database. */
  database_id: z.string().nullable(),
  migrations: z.array(z.object({ name: z.string(), checksum: z.string() })),
  tables: z.array(Table),
});

/** The header of a backup file. */
export type BackupHeader = z.infer<typeof Header>;
export type BackedUpTable = z.infer<typeof Table>;

/** Content of the frame after the rows of a table. */
export const TableEnd = z.object({ rows: z.number().int() });
/**
 * Content of the last frame. Sequences are read after the rows, so their values are never lower than the keys of the
 * rows.
 */
export const BackupEnd = z.object({
  sequences: z.array(z.object({ name: z.string(), value: z.string(), is_called: z.boolean() })),
});
export type BackupEnd = z.infer<typeof BackupEnd>;

/** @throws BackupError */
export function parseHeader(text: string, file: string): BackupHeader {
  return parseJson(Header, text, file);
}

/** @throws BackupError */
export function parseJson<Value>(type: z.ZodType<Value>, text: string, file: string): Value {
  try {
    return type.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged(file, cause);
  }
}

export function damaged(file: string, cause?: unknown): BackupError {
  return new BackupError(`${file} is damaged: its content is not what was written. Nothing was restored.`, { cause });
}
