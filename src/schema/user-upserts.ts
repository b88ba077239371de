import { type UpsertResult, upsertUsers } from '../users/upsert.ts';
import { builder } from './builder.ts';

const statuses = ['created', 'updated', 'unchanged', 'refused'] as const;
const UpsertStatus = builder.enumType('user_upsert_status', {
  description: 'What became of an entry of `upsert_users`.',
  values: statuses,
});

/** A result as plain values: a list may have 10,000, and values without resolvers are read directly. */
interface UpsertRow {
  readonly index: number;
  readonly status: UpsertResult['status'];
  readonly id?: string;
  readonly field?: string;
  readonly code?: string;
  readonly reason?: string;
}

function rowOf(result: UpsertResult): UpsertRow {
  if (result.status !== 'refused') return result;
  const { index, status } = result;
  const { code, message: reason, extensions } = result.error;
  const { field } = extensions;
  return { index, status, code, reason, ...(typeof field === 'string' && { field }) };
}

const UserUpsert = builder.objectRef<UpsertRow>('user_upserts').implement({
  description: 'The result for one entry of `upsert_users`.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'The position of the entry in the list, from 0.' }),
    status: t.expose('status', {
      type: UpsertStatus,
      description: 'What became of the entry. `refused`: nothing of it is stored.',
    }),
    id: t.exposeID('id', { nullable: true, description: 'The id of the user; null if the entry is refused.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'The field that caused the refusal; null if there is no such field.',
    }),
    code: t.exposeString('code', {
      nullable: true,
      description: 'The code of the error if the entry is refused, such as `RECORD_NOT_UNIQUE`.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why the entry is refused, as text.' }),
  }),
});

const UpsertInput = builder.inputType('upsert_directus_users_input', {
  description:
    'A user to create or update. The user is found by `external_id`, else by `email`; one of them is required. Fields that are not given keep their values or get their defaults; null clears a field.',
  fields: (t) => ({
    external_id: t.string({
      description: 'The id that the application gives the user. Unique; upper and lower case differ.',
    }),
    email: t.string({ description: 'Unique, ignoring case.' }),
    username: t.string({ description: 'Unique, ignoring case.' }),
    first_name: t.string(),
    last_name: t.string(),
    location: t.string(),
    title: t.string(),
    description: t.string(),
    avatar: t.string({ description: 'A uuid.' }),
    language: t.string({ description: 'A BCP 47 language tag, such as `en-GB`.' }),
    timezone: t.string({ description: 'An IANA time zone, such as `Europe/Berlin`.' }),
    status: t.string({ description: '`active` or `suspended`. Default: `active`.' }),
    role: t.string({ description: '`admin`, `operator`, `reader` or `member`. Default: `member`.' }),
    email_notifications: t.boolean({ description: 'Whether notifications are also sent by e-mail. Default: true.' }),
  }),
});

builder.mutationField('upsert_users', (t) =>
  t.field({
    type: [UserUpsert],
    description:
      'Creates the users that do not exist and updates the others, at most `MAX_BATCH_MUTATION` (10,000) at once. Returns a result for each entry. It sets no passwords or tokens. Admins only.',
    args: {
      data: t.arg({ type: [UpsertInput], required: true, description: 'The users, each once.' }),
      partial: t.arg.boolean({
        defaultValue: false,
        description:
          'True: an entry that is refused is left out, and the others are stored. False: one refused entry refuses the whole list.',
      }),
    },
    resolve: async (_root, { data, partial }, context) =>
      (await upsertUsers(context, data, partial ?? false)).map(rowOf),
  }),
);
