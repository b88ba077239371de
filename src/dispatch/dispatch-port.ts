import type { DispatchConfig } from '../config.ts';
import type { CreateDispatchPort } from '../notifications/context.ts';
import { createQuota, type Quota } from '../quota.ts';
import { templateIds } from '../templates/model.ts';
import { mailOnCreate } from './mail-on-create.ts';
import { type MethodName, methodNames } from './method-names.ts';

/** What code that enqueues deliveries knows of the dispatcher. */
export interface DispatchPort extends CreateDispatchPort {
  /** For templates without a method of their own. */
  readonly defaultMethod: MethodName;
  /** The methods that are configured, so that they can send. */
  readonly configured: ReadonlySet<MethodName>;
  /** Base URL of the service, for links that are rendered when a message is enqueued. */
  readonly baseUrl: string;
  /** Limits the custom notifications of each member. */
  readonly customMessages: Quota;
}

/** Custom notifications that a member may send per minute, on each node. */
const customPerMinute = 30;

/** @param service what only the running service knows: its base URL and its dispatcher */
export function createDispatchPort(
  config: DispatchConfig,
  service: Pick<DispatchPort, 'baseUrl' | 'wake'>,
): DispatchPort {
  const configured = new Set<MethodName>();
  if (config.smtp !== undefined) configured.add('smtp');
  if (config.webhook !== undefined) configured.add('webhook');
  if (config.isInboxEnabled) configured.add('inbox');
  return {
    defaultMethod: config.defaultMethod,
    configured,
    mailOnCreate: configured.has('smtp') ? mailOnCreate : undefined,
    // A getter, because the address is unknown until the server listens.
    get baseUrl() {
      return service.baseUrl;
    },
    customMessages: createQuota({ most: customPerMinute, windowMs: 60_000, what: 'custom notifications' }),
    wake: () => service.wake(),
  };
}

/**
 * The methods by which a template's messages are sent: its own method, or else the deployment's default if that is
 * configured; and the inbox. A template's own method is used even if it is not configured, so that the delivery log shows
 * why nothing arrived.
 */
export function methodsForTemplate(
  template: { readonly id: string; readonly method: string | null },
  { defaultMethod, configured }: Pick<DispatchPort, 'defaultMethod' | 'configured'>,
): readonly MethodName[] {
  const own = methodNames.find((name) => name === template.method);
  const methods = new Set<MethodName>();
  if (own !== undefined) methods.add(own);
  else if (configured.has(defaultMethod)) methods.add(defaultMethod);
  if (configured.has('inbox')) methods.add('inbox');
  // A passcode allows signing in, so it must not stay readable in an inbox.
  if (template.id === templateIds.oneTimePasscode) methods.delete('inbox');
  return [...methods];
}
