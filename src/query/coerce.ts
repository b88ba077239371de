import { parseWholeNumber } from '../values.ts';
import type { FieldType } from './collection.ts';
import type { SqlType } from './draft.ts';

/** SQL type of the values a field is compared with; arrays are compared with a single element. */
export const sqlTypes: Readonly<Record<FieldType, SqlType>> = {
  integer: 'bigint',
  string: 'text',
  uuid: 'uuid',
  uuids: 'uuid',
  timestamp: 'timestamptz',
  boolean: 'boolean',
  hash: 'text',
};

/** The name of the type in error messages. */
export const typeTitles: Readonly<Record<FieldType, string>> = {
  integer: `a whole number between -(2^53 - 1) and 2^53 - 1`,
  string: 'a text',
  uuid: 'a UUID',
  uuids: 'a UUID',
  timestamp: 'an ISO 8601 date and time',
  boolean: 'true or false',
  hash: 'a text',
};

const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const timeShape =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(?:(Z)|([+-])(\d\d)(?::?(\d\d))?)?)?$/i;

/** Converts a scalar to a value of the type; undefined if it is invalid. */
export function coerce(type: FieldType, value: string | number | boolean): string | number | boolean | undefined {
  switch (type) {
    case 'integer':
      return toInteger(value);
    case 'uuid':
    case 'uuids':
      return typeof value === 'string' && uuidShape.test(value) ? value : undefined;
    case 'timestamp':
      return typeof value === 'string' ? toTimestamp(value) : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    default:
      return String(value);
  }
}

/** An integer within the safe range of JavaScript; it may be given as text. */
function toInteger(value: string | number | boolean): number | undefined {
  const number = parseWholeNumber(value);
  return number !== null && Number.isSafeInteger(number) ? number : undefined;
}

/** Checked here, because an invalid timestamp would fail the whole statement. A time without a zone is UTC. */
function toTimestamp(text: string): string | undefined {
  const match = timeShape.exec(text.trim());
  if (!match) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '0', , sign, zoneHour, zoneMinute] =
    match;
  const calendar = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // `Date` rejects a day such as 30 February or turns it into a day of the next month.
  if (year === '0000' || Number.isNaN(calendar.getTime()) || calendar.getUTCDate() !== Number(day)) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHour ?? 0) > 15 || Number(zoneMinute ?? 0) > 59) return undefined;
  const zone = sign ? `${sign}${zoneHour}:${zoneMinute ?? '00'}` : 'Z';
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}${zone}`;
}
