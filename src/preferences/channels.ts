import { templateMethods } from '../templates/write.ts';
import type { ChannelFacts, TemplateFacts } from './decide.ts';

/** The ways to reach a user: the methods of templates. */
export const channelNames = templateMethods;

/** A template as its routes are determined from. */
export interface RoutedTemplate extends Pick<TemplateFacts, 'id' | 'category'> {
  /** Its own method; null: the default of the deployment. */
  readonly method: string | null;
}

/** What preferences need of the dispatcher. */
export interface ChannelPort {
  /** Every channel, and whether the messages of a template go by it. */
  channelsOf(template: RoutedTemplate): readonly ChannelFacts[];
}
