import { type Timeouts, within } from './time.ts';

/** One notification, as the inbox shows it. */
export interface InboxItem {
  /** The integer key, as text. */
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

/** Which notifications to keep. The figures are of the whole inbox all the same. */
export interface InboxFilter {
  readonly read_status?: 'all' | 'read' | 'unread';
  /** Only notifications about all of these. */
  readonly targets?: readonly string[];
  /** Only notifications of one of these templates. */
  readonly templates?: readonly string[];
}

/** A page of the inbox and the figures at the same moment. */
export interface InboxPage {
  readonly notifications: readonly InboxItem[];
  readonly unread_count: number;
  readonly total_count: number;
  readonly cursor: string;
}

/** What the stream tells of one notification. */
export interface InboxChange {
  readonly kind: 'created' | 'updated' | 'deleted' | 'reset';
  readonly key: string | null;
  readonly notification: InboxItem | null;
  readonly unread_count: number;
  readonly total_count: number;
  readonly cursor: string;
}

/** A request or stream that failed. */
export class InboxError extends Error {
  override readonly name = 'InboxError';
  /** The code of the service's error, such as `FORBIDDEN`, or `NETWORK`. */
  readonly code: string;
  /** The code a socket was closed with. */
  readonly closeCode: number | undefined;

  constructor(code: string, message: string, closeCode?: number) {
    super(message);
    this.code = code;
    this.closeCode = closeCode;
  }
}

/** A token that is no good will not get better by asking again. */
export function isRefusal({ code, closeCode }: InboxError): boolean {
  return code === 'INVALID_CREDENTIALS' || closeCode === 4401 || closeCode === 4403;
}

/** Whatever was thrown, as an error of ours. */
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

/** How the service is reached. */
export interface Connection {
  readonly url: string;
  readonly token: () => string | Promise<string>;
  readonly fetch: typeof fetch;
  readonly timeouts: Timeouts;
}

/** Posts one operation, as the owner of the token. */
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

/** The data of one operation. @throws InboxError when there was an error of any kind, or no answer in time. */
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

/** The JSON of an answer. @throws InboxError when it has none. */
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

export function faultOf({ message = 'the service refused', extensions }: Fault): InboxError {
  return new InboxError(extensions?.code ?? 'GRAPHQL', message);
}
