import type { DispatchConfig } from '../../config.ts';
import type { Publisher } from '../../notifications/ranges.ts';
import { createInbox, type InboxPrisma } from './inbox.ts';
import type { UnsubscribeToken } from './mail-content.ts';
import type { Method } from './method.ts';
import type { ResetToken } from './reset-mail.ts';
import { createSmtp } from './smtp.ts';
import { createWebhook } from './webhook.ts';

export interface MethodOptions {
  readonly config: DispatchConfig;
  readonly prisma: InboxPrisma;
  readonly bus: Publisher;
  readonly now: () => Date;
  /** Base URL of the service. */
  readonly baseUrl: () => string;
  /** Creates the token of the unsubscribe link in an e-mail. */
  readonly unsubscribeToken: UnsubscribeToken;
  /** Creates the token of the link in an e-mail that resets a password. */
  readonly resetToken: ResetToken;
}

/**
 * Creates all methods, even those that are not configured: their deliveries fail with a reason instead of staying
 * queued.
 */
export function createMethods(options: MethodOptions): readonly Method[] {
  return methods.map((create) => create(options));
}

const methods: readonly ((options: MethodOptions) => Method)[] = [
  ({ prisma, bus, now }) => createInbox({ prisma, bus, now }),
  ({ config, baseUrl, now, unsubscribeToken, resetToken }) =>
    createSmtp({
      config: config.smtp,
      frame: () => ({
        appName: config.appName,
        logoUrl: config.logoUrl,
        baseUrl: baseUrl().replace(/\/+$/, ''),
        appUrl: (config.appUrl ?? baseUrl()).replace(/\/+$/, ''),
        year: now().getUTCFullYear(),
        hasPages: config.hasPages,
        unsubscribeToken,
      }),
      resetToken,
      connections: config.concurrency,
      timeoutMs: config.timeoutMs,
    }),
  ({ config, now }) =>
    createWebhook({
      endpoint: config.webhook?.endpoint,
      secret: config.webhook?.secret,
      connections: config.concurrency,
      timeoutMs: config.timeoutMs,
      now,
    }),
];
