import type { Queryable } from '../database/database.ts';
import { isForeignKeyFault, isTransientFault } from '../database/faults.ts';
import type { Sql } from '../database/sql.ts';
import { enabledSql } from '../preferences/model.ts';
import type { FilledTemplate } from './enqueue-template.ts';
import type { CheckedMessage } from './input.ts';
import type { MethodName } from './method-names.ts';
import { idPrefix } from './payload.ts';
import { newIdSql } from './sql/fragments.ts';

/** What the statement answers. */
export interface Stored {
  readonly ids: Partial<Record<MethodName, string>> | null;
  readonly inserted: number;
  readonly enabled: number;
  readonly unknown: string | null;
  /** Who is left out, where that is asked for. */
  readonly disabled: readonly string[] | null;
  readonly duplicates: readonly (readonly [recipient: string, method: MethodName])[] | null;
}

/** What is stored besides the message. */
export interface Storing {
  readonly createdBy: string;
  readonly now: Date;
  /** Whether it is to be told who is left out. */
  readonly isTold: boolean;
}

const attempts = 3;

/** Stores a delivery for each recipient and method, and queues it: all of them, or none when a recipient is unknown. */
export async function storeMessages(
  db: Queryable,
  message: CheckedMessage,
  { template, methods, payload, ownActions }: FilledTemplate,
  { createdBy, now, isTold }: Storing,
): Promise<Stored> {
  const sql: Sql = {
    text: enqueueText(ownActions !== null),
    values: [
      message.recipients,
      template.id,
      template.enabled_by_default,
      JSON.stringify(payload),
      methods,
      message.targets,
      createdBy,
      message.dedupe ? now.toISOString().slice(0, 10) : null,
      idPrefix(now),
      JSON.stringify({ labels: message.labels, data: message.data }),
      isTold,
      ...(ownActions === null ? [] : [ownActions]),
    ],
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const [stored] = await db.query<Stored>(sql);
      if (stored === undefined) throw new Error('The enqueuing statement gave no row.');
      return stored;
    } catch (error) {
      // Somebody who is deleted between being read and being pointed at is unknown to the statement when it runs again.
      if (attempt === attempts || !(isTransientFault(error) || isForeignKeyFault(error))) throw error;
    }
  }
}

// One statement, whatever the number of people; one who is unknown stops all of it. What all have in common is stored
// once, unless nothing is new. It is not sorted, which would spill to disk: the recipients are, so that two who enqueue
// the same at one time mostly meet each other's hashes in one order, and seldom have to be untangled by the database.

/**
 * Stores the messages of one enqueuing. Parameters: recipients, template, whether it is enabled by default, the shared
 * payload, methods, targets, who made it, the day or null for messages that are no duplicate of any, the prefix of ids,
 * what the hash is made of, whether to say who is left out, and, if they have such, the recipients' own actions.
 */
const enqueueText = (hasOwnActions: boolean) => `
  with given as (
    select * from unnest($1::uuid[]${hasOwnActions ? ', $12::jsonb[]' : ''})
      as given (user_id${hasOwnActions ? ', actions' : ''})
  ),
  people as materialized (
    select given.*, users.id, ${enabledSql('template', 'preference')} as is_enabled
    from given
    cross join (values ($3::boolean)) as template (enabled_by_default)
    left join users on users.id = given.user_id
    left join preferences as preference on preference.user_id = users.id and preference.template_id = $2::uuid
  ),
  messages as not materialized (
    select people.*, method,
           case when $8::text is not null then
             md5(concat_ws(':', $2::text, user_id, method, (select md5($10::jsonb::text)),
                           array_to_string($6::uuid[], ','), $8::text))
           end as dedupe_hash
    from people cross join unnest($5::text[]) as method
    where is_enabled and not exists (select from people where id is null)
  ),
  shared as (
    insert into payloads (id, content)
    select ${newIdSql('$9')}, $4::jsonb
    where exists (
      select from messages
      where not exists (select from deliveries where deliveries.dedupe_hash = messages.dedupe_hash)
    )
    returning id
  ),
  stored as (
    insert into deliveries
      (id, template_id, user_id, method, payload_id, own_payload, targets, dedupe_hash, created_by)
    select ${newIdSql('$9')}, $2::uuid, user_id, method, shared.id,
           ${hasOwnActions ? `jsonb_build_object('actions', actions)` : 'null'}, $6::uuid[], dedupe_hash, $7
    from messages cross join shared
    on conflict (dedupe_hash) do nothing
    returning id, method, user_id
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method) select id, method from stored
  )
  select
    (select json_object_agg(method, ids)
     from (select method, string_agg(id::text, ',') as ids from stored group by method) as by_method) as ids,
    (select count(*) from stored) as inserted,
    (select count(*) from people where is_enabled) as enabled,
    (select user_id from people where id is null limit 1) as unknown,
    case when $11::boolean then
      (select array_agg(user_id::text) from people where not is_enabled and id is not null)
    end as disabled,
    case when $11::boolean then
      (select json_agg(json_build_array(user_id, method))
       from (select user_id, method from messages except select user_id, method from stored) as duplicates)
    end as duplicates`;
