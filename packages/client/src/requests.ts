import { type Timeouts, within } from './timeouts.ts';

/** One notification of the inbox. */
export interface InboxItem {
  /** The integer key as text. */
  readonly id: string;
  readonly uuid: string;
  readonly timestamp: string | null;
  readonly status: string | null;
  readonly read_at: string | null;
  readonly subject: string;
  /** Markdown. */
  readonly message: string | null;
  readonly icon: string;
  readonly actions: readonly { readonly label: string; readonly url: string }[];
  readonly template_id: string | null;
  readonly targets: readonly string[];
  readonly collection: string | null;
  readonly item: string | null;
}

/** Which notifications to show. The counts are always those of the whole inbox. */
export interface InboxFilter {
  readonly read_status?: 'all' | 'read' | 'unread';
  /** Only notifications with all of these targets. */
  readonly targets?: readonly string[];
  /** Only notifications of these templates. */
  readonly templates?: readonly string[];
}

/** A page of the inbox, with the counts at the same moment. */
export interface InboxPage {
  readonly notifications: readonly InboxItem[];
  readonly unread_count: number;
  readonly total_count: number;
  readonly cursor: string;
}

/** A change to one notification, as received from the stream. */
export interface InboxChange {
  readonly kind: 'created' | 'updated' | 'deleted' | 'reset';
  readonly key: string | null;
  readonly notification: InboxItem | null;
  readonly unread_count: number;
  readonly total_count: number;
  readonly cursor: string;
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

const item = `id uuid timestamp status read_at subject message icon actions { label url } template_id targets collection
  item`;

export const documents = {
  page: `query ($limit: Int, $before: ID, $read_status: read_status, $targets: [ID!], $templates: [ID!]) {
    inbox(limit: $limit, starting_before: $before, read_status: $read_status, targets: $targets, templates: $templates) {
      notifications { ${item} } unread_count total_count cursor } }`,
  changes: `subscription ($after: String, $read_status: read_status, $targets: [ID!], $templates: [ID!]) {
    inbox_changes(after: $after, read_status: $read_status, targets: $targets, templates: $templates) {
      kind key notification { ${item} } unread_count total_count cursor } }`,
  setRead:
    'mutation ($id: ID!, $isRead: Boolean!) { set_notification_read_status(id: $id, is_read: $isRead) { kind } }',
  markAllRead: 'mutation { mark_all_notifications_as_read { unread_count } }',
  archive: 'mutation ($id: ID!) { update_notifications_item(id: $id, data: { status: "archived" }) { id } }',
} as const;

/** How to reach the service. */
export interface Connection {
  readonly url: string;
  readonly token: () => string | Promise<string>;
  readonly fetch: typeof fetch;
  readonly timeouts: Timeouts;
}

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
