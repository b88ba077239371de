/** A time zone as the list shows it. */
export interface Zone {
  readonly id: string;
  /** Such as `Europe / Berlin`. */
  readonly name: string;
  /** Such as `GMT+1`. */
  readonly offset: string;
  /** What is searched, in lower case. */
  readonly searched: string;
}

/** All time zones of the browser, in the order of their offsets and names. Takes some tens of milliseconds. */
export function listZones(tag: string, at: Date): readonly Zone[] {
  const ids = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((id) => id !== 'UTC')];
  return ids
    .map((id) => {
      const format = new Intl.DateTimeFormat(tag, { timeZone: id, timeZoneName: 'shortOffset' });
      const offset = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
      const name = zoneName(id);
      return { id, name, offset, searched: fold(`${id} ${name} ${offset}`), minutes: minutesOf(id, at) };
    })
    .sort((a, b) => a.minutes - b.minutes || (a.name < b.name ? -1 : 1));
}

/** A time zone for people. */
export function zoneName(id: string): string {
  return id.replaceAll('_', ' ').replaceAll('/', ' / ');
}

/** The zone of this browser. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether two names are of the same zone, as a browser may know it by an older name. */
export function isSameZone(a: string, b: string): boolean {
  return canonical(a) === canonical(b);
}

function canonical(id: string): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: id }).resolvedOptions().timeZone;
  } catch {
    // The service may know a zone that the browser does not.
    return id;
  }
}

/** Those that contain every word of the query. */
export function findZones(zones: readonly Zone[], query: string): readonly Zone[] {
  const words = fold(query)
    .split(/[\s/_]+/)
    .filter((word) => word !== '');
  return zones.filter(({ searched }) => words.every((word) => searched.includes(word)));
}

function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function minutesOf(id: string, at: Date): number {
  const format = new Intl.DateTimeFormat('en', { timeZone: id, timeZoneName: 'longOffset' });
  const text = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const [, sign, hours, minutes] = /([+-])(\d+):(\d+)/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}
