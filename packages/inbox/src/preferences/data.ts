import type { Ask } from '@tidings/client/request';

export const channels = ['inbox', 'smtp', 'webhook'] as const;
export type Channel = (typeof channels)[number];

export interface Category {
  readonly key: string;
  readonly name: string;
  readonly description: string | null;
}

/** A kind of notification. */
export interface Template {
  readonly id: string;
  readonly name: string;
  readonly group: string | null;
}

/** What a user gets by a channel: of a template, of a category, or of everything else, which has neither. */
export interface Cell {
  readonly category: Category | null;
  readonly template: Template | null;
  readonly channel: Channel;
  readonly on: boolean;
  /** No choice of the user changes it. */
  readonly locked: boolean;
  /** The rule that decided, such as `template_default`. */
  readonly because: string;
}

/** Monday first. */
export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof weekdays)[number];

/** A time of each of these days; local times `HH:MM`. It ends on the next day if `until` is not later than `from`. */
export interface QuietWindow {
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly until: string;
}

export interface QuietHours {
  readonly windows: readonly QuietWindow[];
  /** Keys of the categories whose messages are sent all the same. */
  readonly breakthrough: readonly string[];
  /** Until when messages are held now; null: they are not. */
  readonly held_until: string | null;
}

export interface Profile {
  readonly email: string | null;
  /** A language tag. */
  readonly language: string | null;
  /** An IANA name; null counts as UTC. */
  readonly timezone: string | null;
}

/** Everything that the page shows. */
export interface Preferences {
  readonly cells: readonly Cell[];
  readonly profile: Profile;
  readonly quiet: QuietHours | null;
}

/** A choice for a category, a template or neither, by one channel or all. */
export interface Choice {
  readonly category?: string;
  readonly template?: string;
  readonly channel?: Channel;
  readonly choice: 'on' | 'off' | 'inherit';
}

/** What `explain` says about one channel. */
export interface Explanation {
  readonly verdict: 'sends' | 'holds' | 'left_out';
  readonly rule: string;
  readonly until: string | null;
  readonly steps: readonly { readonly rule: string; readonly passed: boolean }[];
}

const cellFields = `category { key name description } template { id name group } channel on locked because`;
const quietFields = 'windows { days from until } breakthrough held_until';
const profileFields = 'email language timezone';

/** Everything in one request. */
export async function readPreferences(ask: Ask, signal: AbortSignal): Promise<Preferences> {
  const { viewer, ...rest } = await ask<{
    readonly viewer: { readonly user: Profile };
    readonly cells: readonly Cell[];
    readonly quiet: QuietHours | null;
  }>(
    `{ viewer { user { ${profileFields} } } cells: effective_preferences { ${cellFields} } quiet: quiet_hours { ${quietFields} } }`,
    {},
    signal,
  );
  return { ...rest, profile: viewer.user };
}

/** Stores choices, and `email_notifications` if it is given. Returns all cells as they are then. */
export async function saveChoices(
  ask: Ask,
  choices: readonly Choice[],
  emailNotifications: boolean | undefined,
): Promise<readonly Cell[]> {
  const { cells } = await ask<{ readonly cells: readonly Cell[] }>(
    `mutation ($choices: [notification_choice_input!]!, $user: update_directus_users_input, $hasUser: Boolean!) {
      update_users_me(data: $user) @include(if: $hasUser) { id }
      cells: update_choices(data: $choices) { ${cellFields} } }`,
    {
      choices,
      hasUser: emailNotifications !== undefined,
      user: { email_notifications: emailNotifications },
    },
  );
  return cells;
}

/** Stores the language or the time zone. */
export async function saveProfile(ask: Ask, change: Partial<Profile>): Promise<Profile> {
  const { profile } = await ask<{ readonly profile: Profile }>(
    `mutation ($data: update_directus_users_input) { profile: update_users_me(data: $data) { ${profileFields} } }`,
    { data: change },
  );
  return profile;
}

/** Replaces the quiet hours; null removes them. `timezone` is stored too if it is given. */
export async function saveQuietHours(
  ask: Ask,
  quiet: Omit<QuietHours, 'held_until'> | null,
  timezone?: string,
): Promise<QuietHours | null> {
  const data = quiet && { windows: quiet.windows, breakthrough: quiet.breakthrough, timezone };
  const answer = await ask<{ readonly quiet: QuietHours | null }>(
    `mutation ($data: quiet_hours_input) { quiet: update_quiet_hours(data: $data) { ${quietFields} } }`,
    { data },
  );
  return answer.quiet;
}

/** What would happen to a message of a template by one channel now; undefined if it is not sent by it at all. */
export async function readExplanation(
  ask: Ask,
  template: string,
  channel: Channel,
  signal: AbortSignal,
): Promise<Explanation | undefined> {
  const { explain } = await ask<{ readonly explain: readonly Explanation[] }>(
    `query ($template: ID!, $channel: String) { explain(template: $template, channel: $channel) {
      verdict rule until steps { rule passed } } }`,
    { template, channel },
    signal,
  );
  return explain[0];
}
