/** A place in the changes of one recipient's inbox: everything up to `version` is behind it. */
export interface Cursor {
  /** The store the version counts in. */
  readonly database: string;
  readonly recipient: string;
  readonly version: number;
}

/** The cursor as opaque text. */
export function encodeCursor({ database, recipient, version }: Cursor): string {
  return Buffer.from(`${database}.${recipient}.${version}`).toString('base64url');
}
