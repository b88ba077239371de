import type { Sql } from '../../database/sql.ts';
import {
  type Created,
  type CreatePart,
  customTemplate,
  type Draft,
  oncePerPart,
  suffixOf,
  withPart,
} from './create-part.ts';
import { stampNew } from './fragments.ts';

const touch = (hasIds: boolean) => `
  with input as (
    select * from unnest(
      $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $6::text[], $7::text[], $8::text[], $9::text[],
      $10::timestamptz[], $11::text[]${hasIds ? ', $12::bigint[]' : ''}
    ) with ordinality as input (
      uuid, recipient_id, sender_id, status, subject, message, collection, item, expires_at, on_expiry
      ${hasIds ? ', id' : ''}, position
    )
  ), ${stampNew}`;

const store = (hasIds: boolean) => `
  insert into notifications
    (${hasIds ? 'id, ' : ''}uuid, recipient_id, sender_id, status, timestamp, subject, message, collection, item,
     template_id, archived_at, expires_at, on_expiry, created_version, version)
  select ${hasIds ? `coalesce(id, nextval('notifications_id_seq')), ` : ''}uuid, recipient_id, sender_id, status,
         $5::timestamptz, subject, message, collection, item, ${customTemplate},
         case when status = 'archived' then $5::timestamptz end, expires_at, on_expiry, version, version
  from stamped order by position`;

const textWith = oncePerPart((part) => withPart(touch(false), store(false), part, 12));
const textWithIds = oncePerPart((part) => withPart(touch(true), store(true), part, 13));

/**
 * Stores notifications and returns `Stored` for each. The text depends on whether ids are given, and on `part`. The
 * invariant: versions are taken and rows stored by one statement; see `stampNew`. Measured by bench
 * `graphql-create-100`.
 */
export function insertNotifications(
  drafts: readonly Draft[],
  created: Created,
  { hasIds, part }: { readonly hasIds: boolean; readonly part: CreatePart | undefined },
): Sql {
  return {
    name: `insert_notifications${hasIds ? '_with_ids' : ''}${suffixOf(part)}`,
    text: hasIds ? textWithIds(part) : textWith(part),
    values: [
      drafts.map(({ uuid }) => uuid),
      drafts.map(({ item }) => item.recipient),
      drafts.map(({ item }) => item.sender),
      drafts.map(({ item }) => item.status),
      created.at.toISOString(),
      drafts.map(({ item }) => item.subject),
      drafts.map(({ item }) => item.message),
      drafts.map(({ item }) => item.collection),
      drafts.map(({ item }) => item.item),
      drafts.map(({ item }) => item.expires_at),
      drafts.map(({ item }) => item.on_expiry),
      ...(hasIds ? [drafts.map(({ item }) => item.id)] : []),
      ...(part?.values(created) ?? []),
    ],
  };
}
