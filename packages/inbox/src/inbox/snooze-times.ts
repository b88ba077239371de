/** A time that the snooze menu offers. */
export interface SnoozeTime {
  readonly name: 'hour' | 'tomorrow' | 'week';
  readonly until: Date;
}

const morningHour = 9;

function morning(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, morningHour);
}

/** In an hour, tomorrow and next Monday at nine in the morning, in the time zone of the page. */
export function snoozeTimes(now: Date): SnoozeTime[] {
  const daysToMonday = (8 - now.getDay()) % 7 || 7;
  return [
    { name: 'hour', until: new Date(now.getTime() + 3_600_000) },
    { name: 'tomorrow', until: morning(now, 1) },
    { name: 'week', until: morning(now, daysToMonday) },
  ];
}

/** A time as an input of type `datetime-local` takes it. */
export function toLocalInput(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date}T${two(time.getHours())}:${two(time.getMinutes())}`;
}
