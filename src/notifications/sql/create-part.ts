import { templateIds } from '../../templates/model.ts';
import type { Span } from '../../tracing.ts';
import type { CheckedNotification } from '../input.ts';

/** A row without the values that the database determines. */
export interface Draft {
  readonly item: CheckedNotification;
  readonly uuid: string;
}

/** The values that the database determined. */
export interface Stored {
  readonly id: number;
  readonly uuid: string;
  readonly version: number;
  readonly template_id: string | null;
}

/** Who creates notifications, and when; shown in the delivery log. */
export interface Created {
  readonly by: string;
  readonly at: Date;
  /** What they are created in; undefined if nothing is traced. */
  readonly span: Span | undefined;
}

/**
 * CTEs that another folder adds to the statements that create notifications, so that either all rows are stored or
 * none. They read `stored (id, uuid, version, template_id, recipient_id, subject, message, expires_at)`, one row for each
 * notification.
 */
export interface CreatePart {
  /** Suffix of the prepared statement's name. */
  readonly name: string;
  /** The CTEs, separated by commas. @param first the number of their first parameter */
  text(first: number): string;
  /** The values of their parameters. @param created by whom and when the notifications are created */
  values(created: Created): readonly unknown[];
}

/**
 * SQL for the template of a notification that a person created; faces that know templates show it. Null until the
 * template exists.
 */
export const customTemplate = `(select id from templates where id = '${templateIds.custom}')`;

const returned = 'id, uuid, version, template_id';

/**
 * Builds a statement that returns `Stored` from its CTEs, its INSERT and the part.
 * @param first number of the first parameter of the part
 */
export function withPart(ctes: string, insert: string, part: CreatePart | undefined, first: number): string {
  if (part === undefined) return `${ctes} ${insert} returning ${returned}`;
  return `${ctes},
  stored as (
    ${insert}
    returning ${returned}, recipient_id, subject, message, expires_at
  ),
  ${part.text(first)}
  select ${returned} from stored`;
}

/** Suffix of the statement's name. */
export const suffixOf = (part: CreatePart | undefined) => (part === undefined ? '' : `_and_${part.name}`);

/** Returns a function that caches the text of each part. */
export function oncePerPart(build: (part: CreatePart | undefined) => string): (part: CreatePart | undefined) => string {
  const alone = build(undefined);
  const built = new WeakMap<CreatePart, string>();
  return (part) => {
    if (part === undefined) return alone;
    const text = built.get(part) ?? build(part);
    built.set(part, text);
    return text;
  };
}
