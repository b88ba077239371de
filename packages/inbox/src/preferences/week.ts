import { type Weekday, weekdays } from './data.ts';

/** The days of the week, from the first one where the language is spoken. */
export function orderedDays(tag: string): readonly Weekday[] {
  const first = firstDay(tag) - 1;
  return [...weekdays.slice(first), ...weekdays.slice(0, first)];
}

/** The first day of the week, 1 for Monday. Some browsers know it as a property, some as a method, some not at all. */
function firstDay(tag: string): number {
  const locale: Intl.Locale & { readonly weekInfo?: Week; readonly getWeekInfo?: () => Week } = new Intl.Locale(tag);
  return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1;
}

interface Week {
  readonly firstDay: number;
}

/** The name of a day. */
export function dayName(day: Weekday, tag: string, style: 'short' | 'long'): string {
  // 2024 began on a Monday.
  const date = new Date(Date.UTC(2024, 0, 1 + weekdays.indexOf(day)));
  return new Intl.DateTimeFormat(tag, { weekday: style, timeZone: 'UTC' }).format(date);
}
