import type { Sql } from '../../database/sql.ts';
import { templateIds } from '../../templates/model.ts';
import type { CheckedNotification } from '../input.ts';
import { stampNew } from './fragments.ts';

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

/**
 * CTEs of another floor in the statement that creates notifications, so that both are stored or neither. They read
 * `stored (id, uuid, version, template_id, recipient_id, subject, message)`, one row for each notification.
 */
export interface CreatePart {
  /** Suffix of the prepared statement's name. */
  readonly name: string;
  /** The CTEs, separated by commas. @param first the number of their first parameter */
  text(first: number): string;
  /** The values of their parameters. @param created by whom and when the notifications are created */
  values(created: Created): readonly unknown[];
}

/** Who creates notifications and when, for the delivery log. */
export interface Created {
  readonly by: string;
  readonly at: Date;
}

/** The statement that stores the drafts and returns `Stored` for each. */
export function insertStatement(
  drafts: readonly Draft[],
  created: Created,
  { hasIds, part }: { readonly hasIds: boolean; readonly part: CreatePart | undefined },
): Sql {
  const [draft] = drafts;
  const timestamp = created.at.toISOString();
  const ofPart = part === undefined ? [] : part.values(created);
  const suffix = part === undefined ? '' : `_and_${part.name}`;
  const texts = part === undefined ? plainTexts : textsWith(part);
  if (draft !== undefined && drafts.length === 1 && !hasIds) {
    const { uuid, item } = draft;
    const { recipient, sender, status, subject, message, collection } = item;
    const values = [uuid, recipient, sender, status, timestamp, subject, message, collection, item.item, ...ofPart];
    return { name: `insert_notification${suffix}`, text: texts.one, values };
  }
  const values = [
    drafts.map(({ uuid }) => uuid),
    drafts.map(({ item }) => item.recipient),
    drafts.map(({ item }) => item.sender),
    drafts.map(({ item }) => item.status),
    timestamp,
    drafts.map(({ item }) => item.subject),
    drafts.map(({ item }) => item.message),
    drafts.map(({ item }) => item.collection),
    drafts.map(({ item }) => item.item),
    ...(hasIds ? [drafts.map(({ item }) => item.id)] : []),
    ...ofPart,
  ];
  const name = `insert_notifications${hasIds ? '_with_ids' : ''}${suffix}`;
  return { name, text: hasIds ? texts.manyWithIds : texts.many, values };
}

// A notification created by a person shows the custom template on faces that have templates; null until that template
// exists.
const template = `(select id from templates where id = '${templateIds.custom}')`;

const returned = 'id, uuid, version, template_id';

const withPart = (insert: string, part: string) => `
  stored as (
    ${insert}
    returning ${returned}, recipient_id, subject, message
  ),
  ${part}
  select ${returned} from stored`;

// Taking versions and storing rows is one statement: the upsert locks the inboxes in the order used by all writers and
// adds to their current values, so nothing depends on the age of the statement's snapshot.

const touchOne = `
  with touched as (
    insert into inboxes as inbox (recipient_id, version, unread, total)
    values ($2::uuid, 1, ($4 = 'inbox')::int, ($4 = 'inbox')::int)
    on conflict (recipient_id) do update
    set version = inbox.version + 1, unread = inbox.unread + excluded.unread, total = inbox.total + excluded.total
    returning version
  )`;

const storeOne = `
  insert into notifications
    (uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item, template_id,
     created_version, version)
  select $1::uuid, $2::uuid, $3::uuid, $4::text, $5::timestamptz, $6, $7, $8, $9, ${template}, version, version
  from touched`;

const touchMany = (hasIds: boolean) => `
  with input as (
    select * from unnest(
      $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $6::text[], $7::text[], $8::text[], $9::text[]
      ${hasIds ? ', $10::bigint[]' : ''}
    ) with ordinality as input (
      uuid, recipient_id, sender_id, status, subject, message, collection, item ${hasIds ? ', id' : ''}, position
    )
  ), ${stampNew}`;

const storeMany = (hasIds: boolean) => `
  insert into notifications
    (${hasIds ? 'id, ' : ''}uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item,
     template_id, created_version, version)
  select ${hasIds ? `coalesce(id, nextval('notifications_id_seq')), ` : ''}uuid, recipient_id, sender_id, status,
         $5::timestamptz, subject, message, collection, item, ${template}, version, version
  from stamped order by position`;

/** The texts of the statements with or without a part. */
interface Texts {
  readonly one: string;
  readonly many: string;
  readonly manyWithIds: string;
}

const textOf = (touch: string, store: string, part: string | undefined) =>
  part === undefined ? `${touch} ${store} returning ${returned}` : `${touch}, ${withPart(store, part)}`;

const textsOf = (part?: CreatePart): Texts => ({
  one: textOf(touchOne, storeOne, part?.text(10)),
  many: textOf(touchMany(false), storeMany(false), part?.text(10)),
  manyWithIds: textOf(touchMany(true), storeMany(true), part?.text(11)),
});

const plainTexts = textsOf();
const textsByPart = new WeakMap<CreatePart, Texts>();

function textsWith(part: CreatePart): Texts {
  const known = textsByPart.get(part);
  if (known !== undefined) return known;
  const texts = textsOf(part);
  textsByPart.set(part, texts);
  return texts;
}
