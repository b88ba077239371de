import type { RoutedTemplate } from '../preferences/channels.ts';
import type { ChannelFacts } from '../preferences/decide.ts';
import { templateIds } from '../templates/model.ts';
import { type MethodName, methodNames } from './method-names.ts';

/** The methods of a deployment. */
export interface DeploymentMethods {
  /** The method for templates that have none of their own. */
  readonly defaultMethod: MethodName;
  /** The methods that are configured and can send. */
  readonly configured: ReadonlySet<MethodName>;
}

/** A method by which a template's messages are sent. */
export interface Route {
  readonly name: MethodName;
  readonly route: Exclude<ChannelFacts['route'], 'closed'>;
}

/**
 * The methods by which a template's messages are sent: its own method, or else the deployment's default; the inbox; and
 * the channels of its category. Of these only its own method is kept if it is not configured: the message waits, and
 * the delivery log shows why nothing arrived.
 */
export function routesOf(template: RoutedTemplate, { defaultMethod, configured }: DeploymentMethods): readonly Route[] {
  const own = methodNames.find((name) => name === template.method);
  const { required_channels = [], default_channels = [] } = template.category ?? {};
  const wanted = new Set<string>([own ?? defaultMethod, 'inbox', ...required_channels, ...default_channels]);
  // A passcode allows signing in, so it must not stay readable in an inbox.
  if (template.id === templateIds.oneTimePasscode) wanted.delete('inbox');
  return methodNames
    .filter((name) => wanted.has(name) && (name === own || configured.has(name)))
    .map((name) => ({ name, route: configured.has(name) ? 'open' : 'waiting' }));
}

/** The same for every channel, also those by which the template's messages are not sent. */
export function channelsOf(template: RoutedTemplate, methods: DeploymentMethods): ChannelFacts[] {
  const routes = new Map(routesOf(template, methods).map(({ name, route }) => [name, route]));
  return methodNames.map((name) => ({ name, route: routes.get(name) ?? 'closed' }));
}
