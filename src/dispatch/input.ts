import { failedValidation } from '../errors.ts';
import { isStorable, parseUuid } from '../values.ts';

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

/** A message that may be enqueued: uuids in lower case, each recipient once, in order. */
export interface CheckedMessage {
  readonly template: string;
  readonly recipients: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly data: unknown;
  readonly targets: readonly string[];
  readonly dedupe: boolean;
}

const deepest = 100;

/** @throws ServiceError FAILED_VALIDATION of the first faulty field. */
export function checkMessage({ template, recipients, labels, data, targets, dedupe }: NewMessage): CheckedMessage {
  return {
    template: uuid('template', template),
    recipients: [...new Set(recipients.map((id) => uuid('recipients', id)))].sort(),
    labels: checkLabels(labels ?? {}),
    data: checkJson(data ?? null),
    targets: (targets ?? []).map((id) => uuid('targets', id)),
    dedupe: dedupe ?? true,
  };
}

function uuid(field: string, value: unknown): string {
  const id = parseUuid(value);
  if (id === null) throw failedValidation(field, 'uuid', 'it is no uuid', { value });
  return id;
}

function checkLabels(labels: unknown): Record<string, string> {
  if (typeof labels !== 'object' || labels === null || Array.isArray(labels)) {
    throw failedValidation('labels', 'object', 'it must be an object of texts');
  }
  // Without a prototype `__proto__` is a label like any other.
  const checked: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(labels)) {
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      throw failedValidation('labels', 'string', `the value of ${JSON.stringify(name)} is no text`);
    }
    const text = String(value);
    if (!isStorable(name) || !isStorable(text)) throw unstorable('labels');
    checked[name] = text;
  }
  return checked;
}

/** The value itself, once it is known that the database can hold it. */
function checkJson(value: unknown): unknown {
  const check = (part: unknown, depth: number): void => {
    if (typeof part === 'string' && !isStorable(part)) throw unstorable('data');
    if (typeof part !== 'object' || part === null) return;
    if (depth === deepest) throw failedValidation('data', 'depth', `it is more than ${deepest} levels deep`);
    for (const [name, inner] of Object.entries(part)) {
      if (!isStorable(name)) throw unstorable('data');
      check(inner, depth + 1);
    }
  };
  check(value, 0);
  return value;
}

function unstorable(field: string) {
  return failedValidation(field, 'string', 'it holds characters that no text can hold');
}
