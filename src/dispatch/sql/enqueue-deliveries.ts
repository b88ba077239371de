import { runOn } from '../../database/statement.ts';
import type { DecisionRule } from '../../preferences/decision-rules.ts';
import type { MethodName } from '../method-names.ts';
import { methodIdSql, newIdSql } from './fragments.ts';

/** The input of `enqueueDeliveries`. */
export interface EnqueueParameters {
  readonly recipients: readonly string[];
  readonly template: string;
  /** The shared payload as JSON. */
  readonly payload: string;
  /** What is stored for recipients who are no exceptions, one for each method. */
  readonly usual: readonly NewDelivery[];
  /** What is stored for other recipients instead. */
  readonly exceptions: readonly (NewDelivery & { readonly recipient: string })[];
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

/** How a delivery is stored. */
export interface NewDelivery {
  readonly method: MethodName;
  readonly status: 'pending' | 'inhibited';
  readonly reason: string | null;
  /** Null for `template_default`. */
  readonly rule: DecisionRule | null;
  /** When it is due; null: now. Its age counts from then. */
  readonly due_at: Date | null;
}

/** The result of `enqueueDeliveries`. */
export interface Stored {
  /** Ids of the stored deliveries by method, joined by commas; null if there are none. */
  readonly ids: Partial<Record<MethodName, string>> | null;
  readonly inserted: number;
  /** Number of deliveries that were not left out. */
  readonly wanted: number;
  /** A recipient who does not exist; if there is one, nothing was stored. */
  readonly unknown: string | null;
  /** Deliveries skipped as duplicates; null unless `listSkipped` is set. */
  readonly duplicates: readonly (readonly [recipient: string, method: MethodName])[] | null;
}

const enqueueText = (hasExceptions: boolean, hasOwnActions: boolean) => `
  with given as (
    select * from unnest($1::uuid[]${hasOwnActions ? `, $${hasExceptions ? 13 : 12}::jsonb[]` : ''})
      as given (user_id${hasOwnActions ? ', actions' : ''})
  ),
  people as materialized (
    select given.*, users.id, gen_random_uuid()::text as random from given left join users on users.id = given.user_id
  ),
  usual as materialized (
    select * from jsonb_to_recordset($11::jsonb) as usual (method text, status text, reason text, rule text)
  ),${hasExceptions ? exceptionText : ''}
  messages as not materialized (
    select decided.*,
           case when $6::text is not null then
             md5(concat_ws(':', $2::text, user_id, method, (select md5($8::jsonb::text)),
                           array_to_string($4::uuid[], ','), $6::text,
                           case status when 'inhibited' then 'left out' end))
           end as dedupe_hash
    from (
      select people.*, usual.method, ${decidedColumns(hasExceptions)}
      from people cross join usual ${hasExceptions ? joinException : ''}
      where not exists (select from people where id is null)
    ) as decided
  ),
  shared as (
    insert into payloads (id, content)
    select ${newIdSql('$7')}, $3::jsonb
    where exists (
      select from messages
      where status = 'pending'
        and not exists (select from deliveries where deliveries.dedupe_hash = messages.dedupe_hash)
    )
    returning id
  ),
  stored as (
    insert into deliveries
      (id, template_id, user_id, method, status, status_reason, rule, payload_id, own_payload, targets, dedupe_hash,
       created_by, traceparent, next_retry_after, retried_at)
    select ${methodIdSql('$7', 'random', 'method')}, $2::uuid, user_id, method, status, reason, rule,
           case status when 'pending' then shared.id end,
           case status when 'inhibited' then '{}'::jsonb ${hasOwnActions ? `else jsonb_build_object('actions', actions)` : ''} end,
           $4::uuid[], dedupe_hash, $5, $10::text, due_at, due_at
    from messages left join shared on true
    where status = 'inhibited' or shared.id is not null
    on conflict (dedupe_hash) do nothing
    returning id, method, user_id, status, next_retry_after
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method, due_at)
    select id, method, coalesce(next_retry_after, now()) from stored where status = 'pending'
  )
  select
    (select json_object_agg(method, ids)
     from (
       select method, string_agg(id::text, ',') as ids from stored where status = 'pending' group by method
     ) as by_method) as ids,
    (select count(*) from stored where status = 'pending') as inserted,
    (select count(*) from messages where status = 'pending') as wanted,
    (select user_id from people where id is null limit 1) as unknown,
    case when $9::boolean then
      (select json_agg(json_build_array(user_id, method))
       from (
         select user_id, method from messages where status = 'pending' except select user_id, method from stored
       ) as duplicates)
    end as duplicates`;

const exceptionText = `
  exception as materialized (
    select * from jsonb_to_recordset($12::jsonb)
      as exception (recipient uuid, method text, status text, reason text, rule text, due_at timestamptz)
  ),`;
const joinException = 'left join exception on exception.recipient = people.user_id and exception.method = usual.method';
const decidedColumns = (hasExceptions: boolean) =>
  hasExceptions
    ? ['status', 'reason', 'rule']
        .map((name) => `case when exception.recipient is null then usual.${name} else exception.${name} end as ${name}`)
        .concat('exception.due_at')
        .join(', ')
    : 'status, reason, rule, null::timestamptz as due_at';

/**
 * Stores and queues a delivery for each recipient and method; those that were left out are only stored. The invariant: a
 * delivery is queued in the statement that stores it. Measured by bench `enqueue`. Not prepared: the best plan depends
 * on the number of recipients.
 */
export function enqueueDeliveries(this: unknown, parameters: EnqueueParameters): Promise<Stored[]> {
  const { exceptions, ownActions } = parameters;
  return runOn<Stored>(this, {
    text: enqueueText(exceptions.length > 0, ownActions !== null),
    values: [
      parameters.recipients,
      parameters.template,
      parameters.payload,
      parameters.targets,
      parameters.createdBy,
      parameters.dedupeDay,
      parameters.idPrefix,
      parameters.dedupeContent,
      parameters.listSkipped,
      parameters.traceparent,
      JSON.stringify(parameters.usual),
      ...(exceptions.length > 0 ? [JSON.stringify(exceptions)] : []),
      ...(ownActions === null ? [] : [ownActions]),
    ],
  });
}
