import { invalidPayload } from '../errors.ts';

/** The request header with the key, in lower case as in Node. */
export const keyHeader = 'idempotency-key';
/** The response header of an answer that was stored. */
export const replayedHeader = 'idempotency-replayed';

const headerName = 'Idempotency-Key';
const extensionName = 'extensions.idempotencyKey';

/** Where a request may carry a key; undefined and null: it does not. */
export interface GivenKeys {
  readonly header?: string | readonly string[] | undefined;
  /** `idempotencyKey` of the extensions of a GraphQL request. */
  readonly extension?: unknown;
}

/**
 * The key of a request; undefined: it has none.
 * @throws ServiceError INVALID_PAYLOAD naming the header or the extension if it is malformed, or if they differ
 */
export function keyOf({ header, extension }: GivenKeys): string | undefined {
  const fromHeader = header === undefined ? undefined : parseHeader(header);
  const fromExtension = extension === undefined || extension === null ? undefined : parseExtension(extension);
  if (fromHeader !== undefined && fromExtension !== undefined && fromHeader !== fromExtension) {
    throw invalidPayload(`"${headerName}" and "${extensionName}" must not differ`);
  }
  return fromHeader ?? fromExtension;
}

const lengthMax = 255;
/** A string of RFC 9651, with parameters, which are ignored. */
const quotedText = /^"((?:[ !#-[\]-~]|\\["\\])*)"(?: *;[ -~]*)?$/;
/** What clients send instead: the text itself, without spaces, quotes, commas, semicolons and backslashes. */
const bareText = /^[!#-+\--:<-[\]-~]+$/;

/**
 * Reads a string of structured fields, or the bare text.
 * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
function parseHeader(given: string | readonly string[]): string {
  // Node joins the values of a repeated header with commas, which neither form contains outside of quotes.
  const text = [given].flat().join(', ').trim();
  const quoted = quotedText.exec(text)?.[1]?.replace(/\\(.)/g, '$1');
  return checked(quoted ?? (bareText.test(text) ? text : undefined), headerName);
}

function parseExtension(given: unknown): string {
  return checked(typeof given === 'string' && /^[ -~]+$/.test(given) ? given : undefined, extensionName);
}

function checked(key: string | undefined, name: string): string {
  if (key !== undefined && key !== '' && key.length <= lengthMax) return key;
  throw invalidPayload(`"${name}" must be a string of 1 to ${lengthMax} printable ASCII characters`);
}
