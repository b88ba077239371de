import type { Values } from '../format-text.ts';
import type { PreferencesKey } from '../strings/preferences/catalog.ts';
import type { Channel } from './data.ts';
import { channelKeys } from './reasons.ts';

/** What templates need to write texts and times. */
export interface Frame {
  readonly text: (key: PreferencesKey, values?: Values) => string;
  /** The language tag for dates and numbers. */
  readonly tag: string;
  readonly now: Date;
}

export function channelName({ text }: Frame, channel: Channel): string {
  return text(channelKeys[channel]);
}
