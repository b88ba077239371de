import type { DispatchConfig } from '../config.ts';
import type { CreateDispatchPort } from '../notifications/context.ts';
import type { ChannelPort } from '../preferences/channels.ts';
import { createQuota, type Quota } from '../quota.ts';
import type { MethodName } from './method-names.ts';
import { channelsOf, type DeploymentMethods } from './routes.ts';
import { mailOnCreate } from './sql/mail-on-create.ts';

/** The parts of the dispatcher that are needed to enqueue deliveries. */
export interface DispatchPort extends CreateDispatchPort, ChannelPort, DeploymentMethods {
  /** Base URL of the application, for links that are rendered when a message is enqueued. */
  readonly baseUrl: string;
  /** Limits the custom notifications of each member. */
  readonly customMessages: Quota;
}

/** Number of custom notifications that a member may send per minute; each node counts separately. */
const customPerMinute = 30;

/** @param service the parts that exist only once the service runs: its base URL and its dispatcher */
export function createDispatchPort(
  config: DispatchConfig,
  service: { readonly baseUrl: string; wake(): void },
): DispatchPort {
  const configured = new Set<MethodName>();
  if (config.smtp !== undefined) configured.add('smtp');
  if (config.webhook !== undefined) configured.add('webhook');
  if (config.isInboxEnabled) configured.add('inbox');
  const methods = { defaultMethod: config.defaultMethod, configured };
  return {
    ...methods,
    channelsOf: (template) => channelsOf(template, methods),
    mailOnCreate: configured.has('smtp') ? mailOnCreate : undefined,
    // A getter, because the address is unknown until the server listens.
    get baseUrl() {
      return config.appUrl ?? service.baseUrl;
    },
    customMessages: createQuota({ most: customPerMinute, windowMs: 60_000, what: 'custom notifications' }),
    wake: () => service.wake(),
  };
}
