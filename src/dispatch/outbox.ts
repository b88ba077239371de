import type { DispatchConfig } from '../config.ts';
import type { CreateOutbox } from '../notifications/context.ts';
import { createQuota, type Quota } from '../quota.ts';
import { templateIds } from '../templates/model.ts';
import { mailOnCreate } from './mail-on-create.ts';

/** How a message may get out. */
export const methodNames = ['smtp', 'webhook', 'inbox'] as const;
export type MethodName = (typeof methodNames)[number];

/** The methods that a deployment may have as its default: all but the inbox. */
export const dispatchMethodNames = ['smtp', 'webhook'] as const satisfies readonly MethodName[];

/** What those who enqueue must know of how messages get out, and whom to wake. */
export interface Outbox extends CreateOutbox {
  /** For templates without a method of their own. */
  readonly defaultMethod: MethodName;
  /** The methods that can send. */
  readonly configured: ReadonlySet<MethodName>;
  /** Where people reach the service; what is rendered when something is enqueued links there. */
  readonly baseUrl: string;
  /** Bounds the messages of a member in their own words. */
  readonly customMessages: Quota;
}

/** Messages in their own words that a member may send in a minute, on each node. */
const customPerMinute = 30;

/** @param more what is only known of a running service: where it is reached, and its dispatcher. */
export function createOutbox(config: DispatchConfig, more: Pick<Outbox, 'baseUrl' | 'wake'>): Outbox {
  const configured = new Set<MethodName>();
  if (config.smtp !== undefined) configured.add('smtp');
  if (config.webhook !== undefined) configured.add('webhook');
  if (config.isInboxEnabled) configured.add('inbox');
  return {
    defaultMethod: config.defaultMethod,
    configured,
    mailOnCreate: configured.has('smtp') ? mailOnCreate : undefined,
    // Not copied: the address is known only once the server listens.
    get baseUrl() {
      return more.baseUrl;
    },
    customMessages: createQuota({ most: customPerMinute, windowMs: 60_000, what: 'custom notifications' }),
    wake: () => more.wake(),
  };
}

/**
 * The methods by which a template's messages are sent: its own or the deployment's default where that is configured,
 * and the inbox. A template's own method is taken even where it cannot send: the log then tells why nothing arrived.
 */
export function methodsOf(
  template: { readonly id: string; readonly method: string | null },
  { defaultMethod, configured }: Pick<Outbox, 'defaultMethod' | 'configured'>,
): readonly MethodName[] {
  const own = methodNames.find((name) => name === template.method);
  const methods = new Set<MethodName>();
  if (own !== undefined) methods.add(own);
  else if (configured.has(defaultMethod)) methods.add(defaultMethod);
  if (configured.has('inbox')) methods.add('inbox');
  // A secret that is good for signing in must not lie about in an inbox.
  if (template.id === templateIds.oneTimePasscode) methods.delete('inbox');
  return [...methods];
}
