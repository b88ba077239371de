import { runOn } from '../../database/statement.ts';
import { enabledSql } from '../../preferences/model.ts';
import type { MethodName } from '../method-names.ts';
import { newIdSql } from './fragments.ts';

/** The input of `enqueueDeliveries`. */
export interface EnqueueParameters {
  readonly recipients: readonly string[];
  readonly template: string;
  readonly isEnabledByDefault: boolean;
  /** The shared payload as JSON. */
  readonly payload: string;
  readonly methods: readonly MethodName[];
  readonly targets: readonly string[];
  readonly createdBy: string;
  /** The day (UTC) within which a repeated message is a duplicate; null if duplicates are allowed. */
  readonly dedupeDay: string | null;
  /** The first half of new ids, which holds their creation time; made by `idPrefix` in `payload.ts`. */
  readonly idPrefix: string;
  /** The content that is equal in duplicate messages, as JSON. */
  readonly dedupeContent: string;
  /** Whether to return the skipped recipients. */
  readonly listSkipped: boolean;
  /** The trace that the deliveries belong to. */
  readonly traceparent: string | null;
  /**
   * Actions of each recipient as JSON, in the order of the recipients; null if all recipients share the actions of the
   * payload.
   */
  readonly ownActions: readonly string[] | null;
}

/** The result of `enqueueDeliveries`. */
export interface Stored {
  /** Ids of the stored deliveries by method, joined by commas; null if there are none. */
  readonly ids: Partial<Record<MethodName, string>> | null;
  readonly inserted: number;
  readonly enabled: number;
  /** A recipient who does not exist; if there is one, nothing was stored. */
  readonly unknown: string | null;
  /** Recipients who disabled the template; null unless `listSkipped` is set. */
  readonly disabled: readonly string[] | null;
  /** Deliveries skipped as duplicates; null unless `listSkipped` is set. */
  readonly duplicates: readonly (readonly [recipient: string, method: MethodName])[] | null;
}

// One statement for any number of recipients; if one of them is unknown, nothing is stored. The payload is stored once,
// unless every delivery is a duplicate. The rows are not sorted, because that would spill to disk. Instead, the caller
// sorts the recipients, so that concurrent calls with the same message insert their hashes in nearly the same order and
// rarely deadlock.
const enqueueText = (hasOwnActions: boolean) => `
  with given as (
    select * from unnest($1::uuid[]${hasOwnActions ? ', $13::jsonb[]' : ''})
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
      (id, template_id, user_id, method, payload_id, own_payload, targets, dedupe_hash, created_by, traceparent)
    select ${newIdSql('$9')}, $2::uuid, user_id, method, shared.id,
           ${hasOwnActions ? `jsonb_build_object('actions', actions)` : 'null'}, $6::uuid[], dedupe_hash, $7, $12::text
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

/**
 * Stores and queues a delivery for each recipient and method. The invariant: a delivery is queued in the statement
 * that stores it. Measured by bench `enqueue`. Not prepared: the best plan depends on the number of recipients.
 */
export function enqueueDeliveries(this: unknown, parameters: EnqueueParameters): Promise<Stored[]> {
  const { ownActions } = parameters;
  return runOn<Stored>(this, {
    text: enqueueText(ownActions !== null),
    values: [
      parameters.recipients,
      parameters.template,
      parameters.isEnabledByDefault,
      parameters.payload,
      parameters.methods,
      parameters.targets,
      parameters.createdBy,
      parameters.dedupeDay,
      parameters.idPrefix,
      parameters.dedupeContent,
      parameters.listSkipped,
      parameters.traceparent,
      ...(ownActions === null ? [] : [ownActions]),
    ],
  });
}
