import { invalidQuery } from '../../errors.ts';
import { parseUuid } from '../../values.ts';

/** A position in the changes of one inbox: everything up to `version` was received. */
export interface Cursor {
  /** Identity of the store that the version belongs to. */
  readonly database: string;
  readonly recipient: string;
  readonly version: number;
}

/** Encodes the cursor as opaque text. */
export function encodeCursor({ database, recipient, version }: Cursor): string {
  return Buffer.from(`${database}.${recipient}.${version}`).toString('base64url');
}

/**
 * Decodes a text made by `encodeCursor`, of any store and recipient.
 * @throws ServiceError INVALID_QUERY naming `name` for any other text.
 */
export function decodeCursor(text: string, name: string): Cursor {
  const [database, recipient, version = '', ...more] = Buffer.from(text, 'base64url').toString().split('.');
  const isCursor =
    more.length === 0 &&
    parseUuid(database) !== null &&
    parseUuid(recipient) !== null &&
    /^\d{1,16}$/.test(version) &&
    Number.isSafeInteger(Number(version));
  if (!isCursor || database === undefined || recipient === undefined) throw invalidQuery(`"${name}" is not a cursor`);
  return { database, recipient, version: Number(version) };
}
