import type { Connection } from './connection.ts';
import type { InboxAction, InboxCounts, InboxItem } from './items.ts';
import { within } from './timeouts.ts';

/** The counts of the inbox at one moment, and its position. */
export interface InboxFigures {
  readonly unread_count: number;
  readonly unseen_count: number;
  readonly total_count: number;
  readonly saved_count: number;
  readonly snoozed_count: number;
  readonly cursor: string;
}

export function countsIn(figures: InboxFigures): InboxCounts {
  return {
    unread: figures.unread_count,
    unseen: figures.unseen_count,
    total: figures.total_count,
    saved: figures.saved_count,
    snoozed: figures.snoozed_count,
  };
}

/** A page of the inbox, with the counts at the same moment. */
export interface InboxPage extends InboxFigures {
  readonly notifications: readonly InboxItem[];
}

/** A change to one notification, or to the counts, as received from the stream. */
export interface InboxChange extends InboxFigures {
  readonly kind: 'created' | 'updated' | 'deleted' | 'counted' | 'reset';
  readonly key: string | null;
  readonly notification: InboxItem | null;
}

/** Tells a follower to read the inbox again. */
export function resetAt(cursor: string): InboxChange {
  const figures = { unread_count: 0, unseen_count: 0, total_count: 0, saved_count: 0, snoozed_count: 0 };
  return { kind: 'reset', key: null, notification: null, ...figures, cursor };
}

/** The data of one event of the stream. */
export interface Changes {
  readonly inbox_changes: InboxChange;
}

/** An operation as the service returns it. */
export interface InboxOperationResult {
  readonly id: string;
  readonly action: InboxAction;
  readonly changed: number;
  readonly skipped: number;
  readonly undoable_until: string | null;
  /** The inbox afterwards. */
  readonly inbox: { readonly cursor: string };
}

/** A failed request or stream. */
export class InboxError extends Error {
  override readonly name = 'InboxError';
  /** The service's error code, such as `FORBIDDEN`, or `NETWORK`. */
  readonly code: string;
  /** The close code of the socket. */
  readonly closeCode: number | undefined;

  constructor(code: string, message: string, closeCode?: number) {
    super(message);
    this.code = code;
    this.closeCode = closeCode;
  }
}

/** Whether the token is invalid, so that retrying is useless. */
export function isRefusal({ code, closeCode }: InboxError): boolean {
  return code === 'INVALID_CREDENTIALS' || code === 'TOKEN_EXPIRED' || closeCode === 4401 || closeCode === 4403;
}

/** Converts anything thrown to an `InboxError`. */
export function asInboxError(error: unknown): InboxError {
  if (error instanceof InboxError) return error;
  return new InboxError('NETWORK', error instanceof Error ? error.message : String(error));
}

export const itemFields = `id uuid timestamp status state read_at seen saved_at snoozed_until archived_at expires_at shown_at subject message
  icon actions { label url } template_id targets collection item`;
export const figureFields = 'unread_count unseen_count total_count saved_count snoozed_count cursor';

// Separate constants, so that a bundle contains only what it uses.
export const figuresDocument = `{ inbox(limit: 0) { ${figureFields} } }`;
export const changesDocument = `subscription ($after: String, $filter: inbox_filter) {
  inbox_changes(after: $after, filter: $filter) { kind key notification { ${itemFields} } ${figureFields} } }`;
export const seenDocument = 'mutation ($upTo: String) { mark_inbox_seen(up_to: $upTo) { unseen_count } }';

/** Sends one operation with the token. */
export async function post(
  connection: Connection,
  operation: { readonly query: string; readonly variables: object; readonly accept?: string },
  signal: AbortSignal,
): Promise<Response> {
  const { query, variables, accept = 'application/json' } = operation;
  const token = await connection.token();
  return connection.fetch(connection.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept },
    body: JSON.stringify({ query, variables }),
    signal,
  });
}

/** The data of one operation. @throws InboxError for any error, and when the response is late. */
export async function request<Data>(
  connection: Connection,
  query: string,
  variables: object,
  signal: AbortSignal,
): Promise<Data> {
  try {
    const ask = async (until: AbortSignal) => resultOf(await post(connection, { query, variables }, until));
    return dataOf(await within(connection.timeouts.requestMs, signal, ask));
  } catch (error) {
    throw asInboxError(error);
  }
}

/** The JSON of a response. @throws InboxError when the body is not JSON. */
export async function resultOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    throw new InboxError('NETWORK', `the service answered ${response.status} without JSON`);
  }
}

interface Fault {
  readonly message?: string;
  readonly extensions?: { readonly code?: string };
}

/** @throws InboxError for a result with errors. */
export function dataOf<Data>(result: unknown): Data {
  const { data, errors } = result as { readonly data?: Data | null; readonly errors?: readonly Fault[] };
  if (errors?.[0]) throw faultOf(errors[0]);
  if (data === null || data === undefined) throw new InboxError('NETWORK', 'the service answered without data');
  return data;
}

export function faultOf({ message = 'the service rejected the request', extensions }: Fault): InboxError {
  return new InboxError(extensions?.code ?? 'GRAPHQL', message);
}
