import type { Ask } from '@tidings/client/request';
import { type Preferences, type Profile, type QuietHours, saveChoices, saveProfile, saveQuietHours } from './data.ts';
import { inverseOf, type Plan, type Planner } from './plan.ts';
import { keyOf } from './sheet.ts';
import type { Change } from './store.ts';

/** The quiet hours as the user changes them. */
export type QuietHoursInput = Omit<QuietHours, 'held_until'>;

/** A change of choices, which can be taken back once it is sent. */
export interface ChoicesChange extends Change {
  inverse(): Plan | undefined;
}

/** The plan is made again when it is sent: what was changed before it is known by then. */
export function choicesChange(ask: Ask, planner: Planner): ChoicesChange {
  let inverse: Plan | undefined;
  return {
    inverse: () => inverse,
    apply(preferences) {
      const { expected } = planner(preferences.cells);
      const cells = preferences.cells.map((cell) => {
        const on = expected.get(keyOf(cell));
        return on === undefined || on === cell.on ? cell : { ...cell, on };
      });
      return { ...preferences, cells };
    },
    async send({ cells: before }) {
      const plan = planner(before);
      inverse = inverseOf(plan, before);
      const cells = await saveChoices(ask, plan.choices, plan.emailNotifications);
      return (preferences) => ({ ...preferences, cells });
    },
  };
}

/** The time zone also decides until when the quiet hours hold messages, so they are stored again with it. */
export function profileChange(ask: Ask, change: Partial<Profile>): Change {
  const { timezone } = change;
  const apply = (preferences: Preferences) => ({ ...preferences, profile: { ...preferences.profile, ...change } });
  return {
    key: `profile ${Object.keys(change).join()}`,
    apply,
    async send({ quiet }) {
      if (typeof timezone === 'string' && quiet !== null) {
        const stored = await saveQuietHours(ask, quiet, timezone);
        return (preferences) => ({ ...apply(preferences), quiet: stored });
      }
      const profile = await saveProfile(ask, change);
      return (preferences) => ({ ...preferences, profile });
    },
  };
}

export function quietChange(ask: Ask, quiet: QuietHoursInput | null): Change {
  return {
    key: 'quiet',
    apply: (preferences) => ({
      ...preferences,
      quiet: quiet && { ...quiet, held_until: preferences.quiet?.held_until ?? null },
    }),
    async send() {
      const stored = await saveQuietHours(ask, quiet);
      return (preferences) => ({ ...preferences, quiet: stored });
    },
  };
}
