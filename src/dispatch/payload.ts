import { z } from 'zod';
import type { RenderPayload } from '../templates/model.ts';

/** Text written by a person, sent unchanged instead of a rendered template. */
const Written = z.object({ subject: z.string(), message: z.string().nullable() });

/** What the link of a mail that resets a password is made of when it is sent. */
const StoredReset = z.object({
  fingerprint: z.string(),
  expires_at: z.string(),
  language: z.string().nullable(),
  reset_url: z.string().nullable(),
});

const Payload = z.looseObject({
  _version: z.string(),
  notification_name: z.string(),
  notification_template_id: z.string(),
  actions: z.array(z.object({ label: z.string(), url: z.string() })),
  labels: z.record(z.string(), z.string()),
  data: z.unknown(),
  targets: z.array(z.string()),
  written: Written.optional(),
  /** It is not sent from this time on. */
  expires_at: z.string().optional(),
  /** What then happens to the notification: `archive` or `delete`. */
  on_expiry: z.string().optional(),
  password_reset: StoredReset.optional(),
});

export type StoredReset = z.infer<typeof StoredReset>;

/** The stored content of a message, as sent to webhooks. Fields have the names of the wire format. */
export type Payload = z.infer<typeof Payload>;

/** The recipient's fields in a message, with the names of the wire format. */
export type UserPayload = Pick<RenderPayload, 'user_id' | 'user_email' | 'user_name' | 'user_username'>;

export const payloadVersion = '1.2';

// Many messages share one stored object, so each object is parsed only once.
const parsedPayloads = new WeakMap<object, Payload>();

/** @throws Error naming the invalid fields, for a payload that another program or version wrote. */
export function readPayload(stored: unknown): Payload {
  const cached = typeof stored === 'object' && stored !== null ? parsedPayloads.get(stored) : undefined;
  if (cached !== undefined) return cached;
  const parsed = Payload.safeParse(stored);
  if (parsed.success) {
    parsedPayloads.set(stored as object, parsed.data);
    return parsed.data;
  }
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`the payload is invalid: ${faults.join('; ')}`, { cause: parsed.error });
}

/** The time half of a UUID version 7; `newIdSql` appends the random half in SQL. */
export function idPrefix(now: Date): string {
  const hex = now.getTime().toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
}

/** Sorts before every id. */
export const lowestId = '00000000-0000-0000-0000-000000000000';
