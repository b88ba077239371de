import { z } from 'zod';
import type { RenderPayload } from '../templates/model.ts';

/** What a person wrote, to be sent as it is instead of a rendered template. */
const Written = z.object({ subject: z.string(), message: z.string().nullable() });

const Payload = z.looseObject({
  _version: z.string(),
  notification_name: z.string(),
  notification_template_id: z.string(),
  actions: z.array(z.object({ label: z.string(), url: z.string() })),
  labels: z.record(z.string(), z.string()),
  data: z.unknown(),
  targets: z.array(z.string()),
  written: Written.optional(),
});

/** What is stored for a message and sent to webhooks, by the names of the wire. */
export type Payload = z.infer<typeof Payload>;

/** What a message says of its user, by the names of the wire. */
export type UserPayload = Pick<RenderPayload, 'user_id' | 'user_email' | 'user_name' | 'user_username'>;

export const payloadVersion = '1.2';

// Many messages share one stored object, which is read once.
const known = new WeakMap<object, Payload>();

/** @throws Error naming what is missing: somebody else wrote it, or another version. */
export function readPayload(stored: unknown): Payload {
  const read = typeof stored === 'object' && stored !== null ? known.get(stored) : undefined;
  if (read !== undefined) return read;
  const parsed = Payload.safeParse(stored);
  if (parsed.success) {
    known.set(stored as object, parsed.data);
    return parsed.data;
  }
  const places = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the payload cannot be read: ${places.join('; ')}`, { cause: parsed.error });
}

/** The name that messages greet a user by, in SQL; never null. @param user the alias of `users` */
const userNameSql = (user: string) =>
  `coalesce(nullif(concat_ws(' ', nullif(${user}.first_name, ''), nullif(${user}.last_name, '')), ''),
            ${user}.username, ${user}.email, '')`;

/** The columns of `UserPayload`, in SQL. @param user the alias of `users` */
export const userColumnsSql = (user: string) =>
  `${user}.id as user_id, coalesce(${user}.email, '') as user_email, ${userNameSql(user)} as user_name,
   coalesce(${user}.username, '') as user_username`;

/** The first half of a time-ordered uuid (version 7), in SQL the other half is random; see `newIdSql`. */
export function idPrefix(now: Date): string {
  const hex = now.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
}

/** A new uuid for every row of a statement. @param prefix the parameter that holds `idPrefix` */
export const newIdSql = (prefix: string) => `(${prefix}::text || substr(gen_random_uuid()::text, 16))::uuid`;

/** Before every id there is. */
export const lowestId = '00000000-0000-0000-0000-000000000000';

/** The id, in SQL, that all ids of a later millisecond come after. @param moment an expression for a time */
export const lowestIdOfSql = (moment: string) =>
  `(lpad(to_hex((extract(epoch from ${moment}) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid`;
