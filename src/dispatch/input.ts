import { z } from 'zod';
import { checker, fault, notUuid, type Rule, refuse, rule, unstorable, uuid } from '../checks.ts';
import { failedValidation } from '../errors.ts';
import { isStorable } from '../values.ts';

export const deliveriesCollection = 'notification_deliveries';

/** Most levels of `data`. */
const deepest = 100;

const id = uuid(fault((_collection, field, value) => failedValidation(field, 'uuid', notUuid, { value })));

const Message = z.object({
  template: id,
  recipients: z.array(id).transform((ids) => [...new Set(ids)].sort()),
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
  dedupe: z
    .boolean()
    .nullish()
    .transform((dedupe) => dedupe ?? true),
});

/** One template to many people, as a caller writes it. */
export interface NewMessage {
  readonly template: string;
  /** The ids of users; one that comes twice gets one message. */
  readonly recipients: readonly string[];
  /** Texts for the template; numbers and booleans become text. */
  readonly labels?: unknown;
  /** Any JSON for the template. */
  readonly data?: unknown;
  /** The ids of what the message is about. */
  readonly targets?: readonly string[] | null | undefined;
  /** False: it is sent although the same was sent today. */
  readonly dedupe?: boolean | null | undefined;
  /** Who made it, for the log; left out: the id of the viewer. */
  readonly createdBy?: string | undefined;
}

/** A message that may be enqueued: UUIDs in lower case, each recipient once, in order. */
export type CheckedMessage = Readonly<z.output<typeof Message>>;

/** @throws ServiceError FAILED_VALIDATION of the first faulty field. */
export const checkMessage: (message: NewMessage) => CheckedMessage = checker(deliveriesCollection, Message, 1);

function readLabels(labels: unknown, context: z.RefinementCtx): Readonly<Record<string, string>> {
  if (typeof labels !== 'object' || Array.isArray(labels)) {
    return refuse(context, labels, rule('object', 'must be an object of strings'));
  }
  // Without a prototype `__proto__` is a label like any other.
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

/** The rule that JSON breaks by what the database cannot hold. */
function brokenRule(json: unknown, depth = 0): Rule | undefined {
  if (typeof json === 'string' && !isStorable(json)) return rule('string', unstorable);
  if (typeof json !== 'object' || json === null) return undefined;
  if (depth === deepest) return rule('depth', `must be at most ${deepest} levels deep`);
  for (const [name, inner] of Object.entries(json)) {
    const broken = isStorable(name) ? brokenRule(inner, depth + 1) : rule('string', unstorable);
    if (broken) return broken;
  }
  return undefined;
}
