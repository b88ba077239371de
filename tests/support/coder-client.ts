import { WebSocket } from 'ws';

/** An item of the inbox as Coder's web client declares it. */
export interface InboxNotification {
  readonly id: string;
  readonly user_id: string;
  readonly template_id: string;
  readonly targets: readonly string[];
  readonly title: string;
  readonly content: string;
  readonly icon: string;
  readonly actions: readonly { readonly label: string; readonly url: string }[];
  readonly read_at: string | null;
  readonly created_at: string;
}

export interface ListInboxNotificationsResponse {
  readonly notifications: readonly InboxNotification[];
  readonly unread_count: number;
}

export interface InboxNotificationResponse {
  readonly notification: InboxNotification;
  readonly unread_count: number;
}

export interface NotificationPreference {
  readonly id: string;
  readonly disabled: boolean;
  readonly updated_at: string;
}

export interface NotificationTemplate {
  readonly id: string;
  readonly name: string;
  readonly title_template: string;
  readonly body_template: string;
  readonly actions: string;
  readonly group: string;
  readonly method: string;
  readonly kind: string;
  readonly enabled_by_default: boolean;
}

export interface NotificationsSettings {
  readonly notifier_paused: boolean;
}

/** The error of a failed call: the status and the error object. */
export class CoderApiError extends Error {
  override readonly name = 'CoderApiError';
  readonly status: number;
  readonly detail: string | undefined;
  readonly validations: readonly { readonly field: string; readonly detail: string }[];

  constructor(call: string, status: number, body: unknown) {
    const { message, detail, validations = [] } = (body ?? {}) as Partial<CoderApiError>;
    // The format of Coder's own client, whose tests expect parts of this text.
    const lines = [`${call}: unexpected status code ${status}: ${message}`];
    if (detail !== undefined) lines.push(`\tError: ${detail}`);
    super([...lines, ...validations.map((fault) => `\t${fault.field}: ${fault.detail}`)].join('\n'));
    this.status = status;
    this.detail = detail;
    this.validations = validations;
  }
}

/** The messages of one watch, in order. */
export interface InboxWatch {
  next(): Promise<InboxNotificationResponse>;
  /** The code the socket is closed with. */
  readonly closed: Promise<number>;
  close(): void;
}

export type CoderClient = ReturnType<typeof createCoderClient>;

/** A client of the Coder notifications API: the calls of its web client, over real HTTP and WebSockets. */
export function createCoderClient(baseUrl: string, token: string) {
  const headers = { 'coder-session-token': token };

  /** @param accepted the statuses that mean success; all others are thrown. */
  async function call(method: string, path: string, accepted: readonly number[], body?: unknown): Promise<unknown> {
    const reply = await fetch(`${baseUrl}/api/v2${path}`, {
      method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    const isJson = reply.headers.get('content-type') === 'application/json; charset=utf-8';
    if (text !== '' && !isJson) throw new Error(`${method} ${path}: the body is not JSON`);
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    if (!accepted.includes(reply.status)) throw new CoderApiError(`${method} ${path}`, reply.status, parsed);
    return reply.status === 304 ? undefined : parsed;
  }

  return {
    getInboxNotifications(startingBeforeId?: string, filter: Readonly<Record<string, string>> = {}) {
      const parameters = new URLSearchParams(filter);
      if (startingBeforeId !== undefined) parameters.set('starting_before', startingBeforeId);
      const answer = call('GET', `/notifications/inbox?${parameters}`, [200]);
      return answer as Promise<ListInboxNotificationsResponse>;
    },
    updateInboxNotificationReadStatus(id: string, request: { readonly is_read: boolean }) {
      const answer = call('PUT', `/notifications/inbox/${id}/read-status`, [200], request);
      return answer as Promise<InboxNotificationResponse>;
    },
    async markAllInboxNotificationsAsRead(): Promise<void> {
      await call('PUT', '/notifications/inbox/mark-all-as-read', [204]);
    },
    async getUserNotificationPreferences(user: string): Promise<readonly NotificationPreference[]> {
      const answer = await call('GET', `/users/${user}/notifications/preferences`, [200]);
      return (answer ?? []) as readonly NotificationPreference[];
    },
    putUserNotificationPreferences(user: string, map: Readonly<Record<string, boolean>>) {
      const body = { template_disabled_map: map };
      const answer = call('PUT', `/users/${user}/notifications/preferences`, [200], body);
      return answer as Promise<readonly NotificationPreference[]>;
    },
    getSystemNotificationTemplates() {
      const answer = call('GET', '/notifications/templates/system', [200]);
      return answer as Promise<readonly NotificationTemplate[]>;
    },
    getCustomNotificationTemplates() {
      const answer = call('GET', '/notifications/templates/custom', [200]);
      return answer as Promise<readonly NotificationTemplate[]>;
    },
    getNotificationDispatchMethods() {
      const answer = call('GET', '/notifications/dispatch-methods', [200]);
      return answer as Promise<{ readonly available: readonly string[]; readonly default: string }>;
    },
    updateNotificationTemplateMethod(id: string, method: string) {
      return call('PUT', `/notifications/templates/${id}/method`, [200, 304], { method });
    },
    getNotificationsSettings() {
      return call('GET', '/notifications/settings', [200]) as Promise<NotificationsSettings>;
    },
    /** Undefined if the settings had these values before. */
    putNotificationsSettings(settings: NotificationsSettings) {
      const answer = call('PUT', '/notifications/settings', [200, 304], settings);
      return answer as Promise<NotificationsSettings | undefined>;
    },
    async postTestNotification(): Promise<void> {
      await call('POST', '/notifications/test', [204]);
    },
    async postCustomNotification(content: { readonly title: string; readonly message: string }): Promise<void> {
      await call('POST', '/notifications/custom', [204], { content });
    },
    async createWebPushSubscription(user: string, subscription: object): Promise<void> {
      await call('POST', `/users/${user}/webpush/subscription`, [204], subscription);
    },
    async deleteWebPushSubscription(user: string, subscription: object): Promise<void> {
      await call('DELETE', `/users/${user}/webpush/subscription`, [204], subscription);
    },
    /** Watches the inbox; resolves when the socket is open. @throws CoderApiError when the upgrade is refused. */
    watchInboxNotifications(filter: Readonly<Record<string, string>> = {}): Promise<InboxWatch> {
      const parameters = new URLSearchParams(filter);
      const address = `${baseUrl.replace('http', 'ws')}/api/v2/notifications/inbox/watch?${parameters}`;
      return openWatch(new WebSocket(address, { headers }));
    },
  };
}

/** Reads a watch socket; resolves when it is open. @throws CoderApiError when the upgrade is refused. */
export function openWatch(socket: WebSocket): Promise<InboxWatch> {
  const messages: string[] = [];
  const readers: ((message: string) => void)[] = [];
  socket.on('message', (data, isBinary) => {
    const message = isBinary ? 'binary' : String(data);
    const reader = readers.shift();
    if (reader) reader(message);
    else messages.push(message);
  });
  const closed = new Promise<number>((resolve) => {
    socket.once('close', resolve);
  });
  const watch: InboxWatch = {
    async next() {
      const message = messages.shift() ?? (await new Promise<string>((resolve) => readers.push(resolve)));
      return JSON.parse(message);
    },
    closed,
    close: () => socket.close(),
  };
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(watch));
    socket.once('error', reject);
    socket.once('unexpected-response', (_request, response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        reject(new CoderApiError('GET /notifications/inbox/watch', response.statusCode ?? 0, JSON.parse(text)));
      });
    });
  });
}
