import { z } from 'zod';
import { checker, fault, notUuid, oneOf, type Rule, read, refuse, rule, unstorable, uuid } from '../checks.ts';
import { failedValidation } from '../errors.ts';
import { expiryActions } from '../notifications/input.ts';
import { coerce } from '../query/coerce.ts';
import { userKey } from '../user-keys/input.ts';
import type { UserEntry } from '../users/upsert.ts';
import { isStorable } from '../values.ts';

export const deliveriesCollection = 'notification_deliveries';

/** Maximum nesting depth of `data`. */
const maxDepth = 100;

const id = uuid(fault((_collection, field, value) => failedValidation(field, 'uuid', notUuid, { value })));

const Message = z.object({
  template: id,
  recipients: z.array(userKey()),
  labels: z.unknown().transform(readLabels).prefault({}),
  data: z
    .unknown()
    .superRefine((json, context) => {
      const broken = brokenRule(json);
      if (broken) refuse(context, json, broken);
    })
    .default(null),
  targets: z
    .array(id)
    .nullish()
    .transform((ids) => ids ?? []),
  expires_at: read(
    (value) => (typeof value === 'string' ? coerce('timestamp', value)?.toString() : undefined),
    rule('date', 'must be an ISO 8601 date and time'),
  )
    .nullish()
    .transform((time) => time ?? null),
  on_expiry: oneOf(expiryActions)
    .nullish()
    .transform((action) => action ?? 'archive'),
  dedupe: z
    .boolean()
    .nullish()
    .transform((dedupe) => dedupe ?? true),
});

/** A message to enqueue, as the caller gives it: one template, or a text of the caller's own, to many recipients. */
export interface NewMessage extends MessageContent {
  readonly template?: string | null | undefined;
  /** Plain text; with `message` instead of `template` and `labels`. */
  readonly title?: string | null | undefined;
  /** Markdown. */
  readonly message?: string | null | undefined;
}

/** A message by a template. */
export interface TemplateMessage extends MessageContent {
  readonly template: string;
}

interface MessageContent {
  /** Users by any of their keys; duplicates are removed. */
  readonly recipients: readonly string[];
  /** Further recipients, who are created or updated with the message. */
  readonly users?: readonly UserEntry[];
  /** Strings for the template, by name; numbers and booleans are converted. */
  readonly labels?: unknown;
  /** Any JSON for the template. */
  readonly data?: unknown;
  /** Ids of the objects that the message is about. */
  readonly targets?: readonly string[] | null | undefined;
  /** When the message is no longer sent, and its notifications are archived or deleted, as `on_expiry` says. */
  readonly expires_at?: string | null | undefined;
  readonly on_expiry?: (typeof expiryActions)[number] | null | undefined;
  /** False: send even if the same message was already sent today. Default: true. */
  readonly dedupe?: boolean | null | undefined;
  /** Author of the message in the delivery log. Default: the id of the viewer. */
  readonly createdBy?: string | undefined;
}

/** A valid message: UUIDs in lower case. `recipients` holds any keys of users; `enqueue` replaces them by ids. */
export type CheckedMessage = Readonly<z.output<typeof Message>>;

/** @throws ServiceError FAILED_VALIDATION naming the first invalid field */
export const checkMessage: (message: TemplateMessage) => CheckedMessage = checker(deliveriesCollection, Message, 1);

function readLabels(labels: unknown, context: z.RefinementCtx): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || Array.isArray(labels)) {
    return refuse(context, labels, rule('object', 'must be an object of strings'));
  }
  // The object has no prototype, so that `__proto__` is a label like any other.
  const texts: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(labels ?? {})) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return refuse(context, labels, rule('string', `the value of ${JSON.stringify(name)} must be a string`));
    }
    const text = String(value);
    if (!isStorable(name) || !isStorable(text)) return refuse(context, labels, rule('string', unstorable));
    texts[name] = text;
  }
  return texts;
}

/** The first rule that the JSON breaks: the database must be able to store it. Undefined if it breaks none. */
function brokenRule(json: unknown, depth = 0): Rule | undefined {
  if (typeof json === 'string' && !isStorable(json)) return rule('string', unstorable);
  if (typeof json !== 'object' || json === null) return undefined;
  if (depth === maxDepth) return rule('depth', `must be at most ${maxDepth} levels deep`);
  for (const [name, inner] of Object.entries(json)) {
    const broken = isStorable(name) ? brokenRule(inner, depth + 1) : rule('string', unstorable);
    if (broken) return broken;
  }
  return undefined;
}
