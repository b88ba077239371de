import { builder } from './builder.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** The ISO-8601 week; the first one contains the year's first Thursday. */
function isoWeek(date: Date): number {
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate());
  const thursday = new Date(midnight + (4 - (date.getUTCDay() || 7)) * dayMs);
  return Math.floor((thursday.getTime() - Date.UTC(thursday.getUTCFullYear(), 0, 1)) / (7 * dayMs)) + 1;
}

export const DatetimeFunctions = builder.objectRef<Date>('datetime_functions').implement({
  description: 'The parts of a point in time, in UTC; `week` is the ISO week, `weekday` starts with Sunday = 0.',
  fields: (t) => ({
    year: t.int({ nullable: true, resolve: (date) => date.getUTCFullYear() }),
    month: t.int({ nullable: true, resolve: (date) => date.getUTCMonth() + 1 }),
    week: t.int({ nullable: true, resolve: isoWeek }),
    day: t.int({ nullable: true, resolve: (date) => date.getUTCDate() }),
    weekday: t.int({ nullable: true, resolve: (date) => date.getUTCDay() }),
    hour: t.int({ nullable: true, resolve: (date) => date.getUTCHours() }),
    minute: t.int({ nullable: true, resolve: (date) => date.getUTCMinutes() }),
    second: t.int({ nullable: true, resolve: (date) => date.getUTCSeconds() }),
  }),
});
