import { z } from 'zod';
import { checker, oneOf, refuse, rule, text } from '../checks.ts';
import type { Context } from '../context.ts';
import { timezoneName } from '../users/timezone.ts';
import { resolveUser, unknownUser } from './access.ts';
import { assertCategoriesExist } from './choices.ts';
import type { PreferenceContext } from './context.ts';
import { defaultTimezone, type QuietHours, type QuietWindow, weekdays } from './quiet-hours.ts';

export const quietHoursCollection = 'notification_quiet_hours';

const maxWindows = 50;
const minutesPerDay = 24 * 60;
const time = () =>
  text().refine(
    (value) => /^([01]\d|2[0-3]):[0-5]\d$/.test(value),
    rule('time', 'must have times such as "22:00", from "00:00" to "23:59"'),
  );

const days = () =>
  z.array(oneOf(weekdays)).refine(({ length }) => length > 0, rule('length', 'must have at least one day each'));

const QuietHoursInput = z.object({
  timezone: text()
    .nullish()
    .transform((name, context) => {
      if (name === null || name === undefined) return undefined;
      return timezoneName(name) ?? refuse(context, name, rule('timezone', 'must be an IANA time zone'));
    }),
  windows: z
    .array(z.strictObject({ days: days(), from: time(), until: time() }))
    .refine(({ length }) => length <= maxWindows, rule('length', `may have at most ${maxWindows} windows`))
    .refine((windows) => !coversWeek(windows), rule('always', 'must leave some time of the week that is not quiet')),
  breakthrough: z
    .array(text())
    .nullish()
    .transform((keys) => [...new Set(keys ?? [])]),
});
const check = checker(quietHoursCollection, QuietHoursInput, 1);

/** The quiet hours of a user, with the user's time zone. */
export interface UserQuietHours extends QuietHours {
  readonly timezone: string;
}

/**
 * The quiet hours of a user; null if there are none.
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer; FORBIDDEN for
 * viewers who may not read even their own preferences
 */
export async function readQuietHours(context: PreferenceContext, userRef: string): Promise<UserQuietHours | null> {
  return storedQuietHours(context.prisma, await resolveUser(context, userRef, 'read'));
}

/**
 * Replaces the quiet hours of a user, and sets their time zone if one is given; null removes them.
 * @throws ServiceError FAILED_VALIDATION of `user`, `timezone` or `windows`; INVALID_FOREIGN_KEY of `breakthrough` for
 * an unknown category; FORBIDDEN for viewers who may not change even their own preferences
 */
export async function updateQuietHours(
  context: PreferenceContext & Pick<Context, 'now'>,
  userRef: string,
  input: object | null,
): Promise<UserQuietHours | null> {
  const { prisma, now } = context;
  const user_id = await resolveUser(context, userRef, 'update');
  if (input === null) {
    await prisma.quietHours.deleteMany({ where: { user_id } });
    return null;
  }
  const { timezone, windows, breakthrough } = check(input);
  await assertCategoriesExist(prisma, breakthrough, quietHoursCollection, 'breakthrough');
  const stored = { windows, breakthrough, updated_at: now() };
  await prisma.$transaction(async (transaction) => {
    // Locked first: a user who is deleted meanwhile must not cause a fault of a foreign key.
    const { count } = await transaction.user.updateMany({
      where: { id: user_id },
      data: timezone === undefined ? { id: user_id } : { timezone },
    });
    if (count === 0) throw unknownUser(userRef);
    await transaction.quietHours.upsert({ where: { user_id }, create: { ...stored, user_id }, update: stored });
  });
  return storedQuietHours(prisma, user_id);
}

async function storedQuietHours(prisma: PreferenceContext['prisma'], user_id: string): Promise<UserQuietHours | null> {
  const found = await prisma.quietHours.findUnique({
    where: { user_id },
    select: { windows: true, breakthrough: true, user: { select: { timezone: true } } },
  });
  if (found === null) return null;
  const { windows, breakthrough, user } = found;
  // Only windows that were checked are stored.
  return {
    windows: windows as unknown as readonly QuietWindow[],
    breakthrough,
    timezone: user.timezone ?? defaultTimezone,
  };
}

/** Whether every minute of the week is in a window. */
function coversWeek(windows: readonly QuietWindow[]): boolean {
  const quiet = new Uint8Array(7 * minutesPerDay);
  for (const { days, from, until } of windows) {
    const length = minuteOf(until) - minuteOf(from);
    for (const day of days) {
      const first = weekdays.indexOf(day) * minutesPerDay + minuteOf(from);
      const end = first + (length > 0 ? length : length + minutesPerDay);
      for (let minute = first; minute < end; minute += 1) quiet[minute % quiet.length] = 1;
    }
  }
  return quiet.every((isQuiet) => isQuiet === 1);
}

function minuteOf(local: string): number {
  const [hours = 0, minutes = 0] = local.split(':').map(Number);
  return hours * 60 + minutes;
}
