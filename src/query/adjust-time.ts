const adjustmentPattern =
  /^([+-])?((?:\d+)?\.?\d+) *(milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w|months?|mth|mo|years?|yrs?|y)?$/i;

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/**
 * Adds the adjustment of `$NOW(<adjustment>)` to a time: a sign, an amount and a unit, by default days. An invalid
 * adjustment changes nothing. Amounts of days and longer units are truncated to whole numbers. Months are added in UTC,
 * and the day is at most the last day of the new month. Undefined if the result is outside the years 1 to 9999.
 */
export function adjust(time: Date, adjustment: string): Date | undefined {
  const match = adjustmentPattern.exec(adjustment.trim());
  if (!match) return time;
  const amount = Number(match[2]) * (match[1] === '-' ? -1 : 1);
  const moved = move(time, amount, (match[3] ?? 'days').toLowerCase());
  // The year of an invalid date is NaN, for which every comparison is false.
  const year = moved.getUTCFullYear();
  return year >= 1 && year <= 9999 ? moved : undefined;
}

function move(time: Date, amount: number, unit: string): Date {
  const add = (milliseconds: number) => new Date(time.getTime() + Math.trunc(milliseconds));
  if (unit === 'ms' || unit.startsWith('millisecond') || unit.startsWith('msec')) return add(amount);
  if (unit.startsWith('mo') || unit === 'mth') return addMonths(time, Math.trunc(amount));
  if (unit.startsWith('m')) return add(amount * minute);
  if (unit.startsWith('s')) return add(amount * second);
  if (unit.startsWith('h')) return add(amount * hour);
  if (unit.startsWith('w')) return add(Math.trunc(amount) * 7 * day);
  if (unit.startsWith('y')) return addMonths(time, Math.trunc(amount) * 12);
  return add(Math.trunc(amount) * day);
}

/** 31 January plus a month is the last day of February. */
function addMonths(time: Date, months: number): Date {
  const moved = new Date(time);
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(time.getUTCDate(), lastDay));
  return moved;
}
