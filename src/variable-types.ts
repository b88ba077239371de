import { z } from 'zod';

/** The longest delay of Node's timers, in milliseconds. */
export const maxTimerMs = 2 ** 31 - 1;

/** A whole number; the error states the allowed range. */
export function whole(least: number, most?: number) {
  const error = `must be a whole number ${range(least, most)}`;
  return z.coerce
    .number({ error })
    .int({ error })
    .min(least, { error })
    .max(most ?? Number.MAX_SAFE_INTEGER, { error });
}

/** A number, which may have a fraction. */
export function decimal(least: number, most: number) {
  const error = `must be a number ${range(least, most)}`;
  return z.coerce.number({ error }).min(least, { error }).max(most, { error });
}

/** A duration in milliseconds, within the range of Node's timers. */
export const timer = () => whole(1, maxTimerMs);

export const flag = () => z.stringbool({ error: 'must be true or false' });

export function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, { error: `must be one of ${values.join(', ')}` });
}

/** A URL, whose scheme must match `protocol` if it is given. */
export function address(example: string, protocol?: RegExp) {
  return z.url({ error: `must be an address such as ${example}`, ...(protocol && { protocol }) });
}

/** A size such as `1mb` or `1048576`, converted to bytes. */
export function size(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((given, context) => {
      const match = /^(\d+)\s*(b|kb|mb|gb)?$/i.exec(given.trim());
      if (match) return Number(match[1]) * 1024 ** ['b', 'kb', 'mb', 'gb'].indexOf((match[2] ?? 'b').toLowerCase());
      context.addIssue({ code: 'custom', message: 'must be a size such as 1mb, 512kb or 1048576' });
      return z.NEVER;
    });
}

function range(least: number, most: number | undefined): string {
  return most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration such as `15m`, `7d` or `900000` (milliseconds), converted to milliseconds; at least a second. */
export function duration(fallback: string) {
  return z
    .string()
    .default(fallback)
    .transform((given, context) => {
      const match = /^(\d{1,12})\s*(ms|s|m|h|d)?$/i.exec(given.trim());
      const ms = match === null ? 0 : Number(match[1]) * (unitsMs[(match[2] ?? 'ms').toLowerCase()] ?? 1);
      if (ms >= 1_000 && ms <= longestDurationMs) return ms;
      context.addIssue({ code: 'custom', message: 'must be a duration from 1s to 365d, such as 15m, 12h or 7d' });
      return z.NEVER;
    });
}
const longestDurationMs = 365 * 86_400_000;
