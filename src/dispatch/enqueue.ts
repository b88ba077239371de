import { isAdmin } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { Queryable, Sql } from '../database/database.ts';
import {
  failedValidation,
  forbiddenCollection,
  invalidForeignKey,
  invalidPayload,
  recordNotUnique,
} from '../errors.ts';
import { isForeignKeyFault, isTransientFault } from '../notifications/faults.ts';
import { enabledSql } from '../preferences/model.ts';
import { actionsFor, type EnqueuedTemplate } from './enqueue-actions.ts';
import { type CheckedMessage, checkMessage, type NewMessage } from './input.ts';
import { type MethodName, methodsOf } from './outbox.ts';
import { idPrefix, newIdSql, payloadVersion } from './payload.ts';

export type { NewMessage } from './input.ts';

export const deliveriesCollection = 'notification_deliveries';

/** What enqueuing came to. */
export interface Enqueued {
  /** The ids of the deliveries that were stored, by method. */
  readonly ids: Readonly<Partial<Record<MethodName, readonly string[]>>>;
  readonly skipped: {
    /** Recipients who disabled the template, or did not enable one that is off by default. */
    readonly disabled: number;
    /** Deliveries that were enqueued on this day (UTC) before. */
    readonly duplicate: number;
  };
}

/** What enqueuing needs of a context. */
export type EnqueueContext = Pick<Context, 'db' | 'viewer' | 'now' | 'limits' | 'outbox'>;

/**
 * Sends one template to many people: one delivery for each person and method is stored, all or none, and dispatched
 * after that. What was enqueued with the same content on the same day (UTC) is not enqueued again.
 * @throws ServiceError FORBIDDEN unless the viewer is an admin; else as `enqueue`.
 */
export async function sendNotification(context: EnqueueContext, message: NewMessage): Promise<Enqueued> {
  if (!isAdmin(context.viewer)) throw forbiddenCollection(deliveriesCollection, 'create');
  return enqueue(context, message);
}

/**
 * As `sendNotification`, for the service itself: the viewer's rights do not matter.
 * @throws ServiceError FAILED_VALIDATION of a faulty field, and of `template` when it cannot be rendered (type
 * `render`) or the only recipient has it disabled (type `disabled`); INVALID_FOREIGN_KEY naming an unknown template or
 * recipient; RECORD_NOT_UNIQUE when everything for the only recipient was enqueued before; INVALID_PAYLOAD for more
 * recipients than one message may have.
 */
export async function enqueue(context: EnqueueContext, message: NewMessage): Promise<Enqueued> {
  const { db, viewer, now, limits, outbox } = context;
  const { recipientsMax } = limits;
  if (message.recipients.length > recipientsMax) {
    throw invalidPayload(`${message.recipients.length} recipients are more than the ${recipientsMax} of one message`);
  }
  const checked = checkMessage(message);
  const template = await getTemplate(context, checked.template);
  const methods = methodsOf(template, outbox);
  const createdBy = message.createdBy ?? (viewer.kind === 'user' ? viewer.id : 'anonymous');
  const { shared, own } = await actionsFor({ db, template, message: checked, baseUrl: outbox.baseUrl });
  const sql: Sql = {
    text: enqueueText(own !== null),
    values: [
      checked.recipients,
      template.id,
      template.enabled_by_default,
      JSON.stringify({ ...payloadOf(template, checked), actions: shared }),
      methods,
      checked.targets,
      createdBy,
      now().toISOString().slice(0, 10),
      idPrefix(now()),
      JSON.stringify({ labels: checked.labels, data: checked.data }),
      ...(own === null ? [] : [own]),
    ],
  };
  const enqueued = resultOf(await store(db, sql), checked, methods);
  if (Object.keys(enqueued.ids).length > 0) outbox.wake();
  return enqueued;
}

interface Stored {
  readonly ids: Partial<Record<MethodName, string>> | null;
  readonly inserted: number;
  readonly enabled: number;
  readonly unknown: string | null;
}

const attempts = 3;

/** Somebody who is deleted between being read and being pointed at is unknown to the statement when it runs again. */
async function store(db: Queryable, sql: Sql): Promise<Stored | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const [stored] = await db.query<Stored>(sql);
      return stored;
    } catch (error) {
      if (attempt === attempts || !(isTransientFault(error) || isForeignKeyFault(error))) throw error;
    }
  }
}

function resultOf(
  stored: Stored | undefined,
  { recipients, template }: CheckedMessage,
  methods: readonly MethodName[],
) {
  if (stored === undefined) throw new Error('The enqueuing statement gave no row.');
  if (stored.unknown !== null) throw invalidForeignKey(deliveriesCollection, 'recipients', stored.unknown);
  const disabled = recipients.length - stored.enabled;
  const duplicate = stored.enabled * methods.length - stored.inserted;
  if (recipients.length === 1 && stored.inserted === 0) {
    if (disabled > 0)
      throw failedValidation('template', 'disabled', 'the recipient has it disabled', { value: template });
    if (duplicate > 0) throw recordNotUnique(deliveriesCollection, 'dedupe_hash', template);
  }
  const ids = Object.entries(stored.ids ?? {}).map(([method, joined]) => [method, joined.split(',')] as const);
  return { ids: Object.fromEntries(ids), skipped: { disabled, duplicate } } satisfies Enqueued;
}

async function getTemplate({ db }: Pick<Context, 'db'>, id: string): Promise<EnqueuedTemplate> {
  const [template] = await db.query<EnqueuedTemplate>({
    name: 'enqueued_template',
    text: 'select id, name, method, actions, enabled_by_default from templates where id = $1::uuid',
    values: [id],
  });
  if (template === undefined) throw invalidForeignKey(deliveriesCollection, 'template', id);
  return template;
}

function payloadOf(template: EnqueuedTemplate, { labels, data, targets }: CheckedMessage) {
  return {
    _version: payloadVersion,
    notification_name: template.name,
    notification_template_id: template.id,
    labels,
    data,
    targets,
  };
}

// One statement, whatever the number of people; one who is unknown stops all of it. What all have in common is stored
// once, unless nothing is new. It is not sorted, which would spill to disk: the recipients are, so that two who enqueue
// the same at one time mostly meet each other's hashes in one order, and seldom have to be untangled by the database.
const enqueueText = (hasOwnActions: boolean) => `
  with given as (
    select * from unnest($1::uuid[]${hasOwnActions ? ', $11::jsonb[]' : ''})
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
           md5(concat_ws(':', $2::text, user_id, method, (select md5($10::jsonb::text)),
                         array_to_string($6::uuid[], ','), $8::text)) as dedupe_hash
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
    returning id, method
  ),
  queued as (
    insert into queued_deliveries (delivery_id, method) select id, method from stored
  )
  select
    (select json_object_agg(method, ids)
     from (select method, string_agg(id::text, ',') as ids from stored group by method) as by_method) as ids,
    (select count(*) from stored) as inserted,
    (select count(*) from people where is_enabled) as enabled,
    (select user_id from people where id is null limit 1) as unknown`;
