import type { InputFieldBuilder } from '@pothos/core';
import { fieldAccess } from '../auth/rights.ts';
import { forbiddenField } from '../errors.ts';
import { usersCollection } from '../users/model.ts';
import { getOwnUser, getUser, listUsers, type UserColumn, type UserRecord } from '../users/read.ts';
import { type BuilderTypes, builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { DatetimeFunctions } from './datetime.ts';
import { UsersFilter } from './filters.ts';
import { listArguments } from './list-arguments.ts';

const concealed = '**********';
/** A field that members may read, with its column and the sibling that holds the referenced object. */
const member = (column: UserColumn, objectField?: 'avatar_object' | 'role_object') =>
  ({
    columns: [column],
    directus: { star: true, readableBy: 'member', kind: 'plain', ...(objectField && { objectField }) },
  }) as const;
const admin = { star: true, readableBy: 'admin', kind: 'plain' } as const;
const own = { directus: { writableBy: 'member' } } as const;
const restricted = 'Only admins and readers may read it.';

/**
 * Returns a resolver that reads a field that only viewers who may read all users see, as the collection restricts it.
 */
function restrictedField<Value>(name: string, read: (user: UserRecord) => Value) {
  return (user: UserRecord, _args: unknown, { viewer }: GraphQLContext): Value => {
    if (fieldAccess(viewer) !== 'admin') throw forbiddenField(usersCollection.name, name);
    return read(user);
  };
}

export const DirectusUser = builder.prismaObject('User', {
  name: 'directus_users',
  description: 'A user, who can receive notifications. Members see only themselves.',
  fields: (t) => ({
    id: t.exposeID('id', { extensions: member('id') }),
    first_name: t.exposeString('first_name', { nullable: true, extensions: member('first_name') }),
    last_name: t.exposeString('last_name', { nullable: true, extensions: member('last_name') }),
    email: t.exposeString('email', { nullable: true, extensions: member('email') }),
    username: t.exposeString('username', { nullable: true, extensions: member('username') }),
    external_id: t.exposeString('external_id', {
      nullable: true,
      description: 'The id that the application gives the user. Unique; upper and lower case differ.',
      extensions: member('external_id'),
    }),
    password: t.field({
      type: 'Hash',
      nullable: true,
      extensions: member('password_hash'),
      resolve: ({ password_hash }) => (password_hash === null ? null : concealed),
    }),
    location: t.exposeString('location', { nullable: true, extensions: member('location') }),
    title: t.exposeString('title', { nullable: true, extensions: member('title') }),
    description: t.exposeString('description', { nullable: true, extensions: member('description') }),
    avatar: t.exposeString('avatar', { nullable: true, extensions: member('avatar', 'avatar_object') }),
    language: t.exposeString('language', { nullable: true, extensions: member('language') }),
    timezone: t.exposeString('timezone', {
      nullable: true,
      description: 'An IANA time zone, such as `Europe/Berlin`.',
      extensions: member('timezone'),
    }),
    status: t.exposeString('status', {
      nullable: true,
      description: '`active` or `suspended`.',
      extensions: member('status'),
    }),
    role: t.exposeString('role', {
      nullable: true,
      description: '`admin`, `operator`, `reader` or `member`.',
      extensions: member('role', 'role_object'),
    }),
    token: t.field({
      type: 'Hash',
      nullable: true,
      description: restricted,
      extensions: { columns: ['id'], directus: admin },
      select: { accessTokens: { where: { name: 'static' }, select: { id: true } } },
      resolve: ({ accessTokens }, _args, { viewer }) => {
        if (fieldAccess(viewer) !== 'admin') throw forbiddenField(usersCollection.name, 'token');
        return accessTokens.length === 0 ? null : concealed;
      },
    }),
    last_access: t.field({
      type: 'Date',
      nullable: true,
      description: restricted,
      extensions: {
        columns: ['last_access'],
        directus: { star: true, readableBy: 'admin', kind: 'date', functionsField: 'last_access_func' },
      },
      resolve: restrictedField('last_access', ({ last_access }) => last_access?.toISOString() ?? null),
    }),
    last_access_func: t.field({
      type: DatetimeFunctions,
      nullable: true,
      description: restricted,
      extensions: { columns: ['last_access'] },
      resolve: restrictedField('last_access', ({ last_access }) => last_access),
    }),
    email_notifications: t.field({
      type: 'Boolean',
      nullable: true,
      description: `Whether notifications are also sent by e-mail. ${restricted}`,
      extensions: { columns: ['email_notifications'], directus: admin },
      resolve: restrictedField('email_notifications', ({ email_notifications }) => email_notifications),
    }),
  }),
});

builder.queryFields((t) => ({
  users: t.prismaField({
    type: [DirectusUser],
    args: listArguments(t.arg, UsersFilter),
    resolve: (query, _root, args, context) => listUsers(context, args, query),
  }),
  users_by_id: t.prismaField({
    type: DirectusUser,
    nullable: true,
    args: { id: t.arg.id({ required: true }), version: t.arg.string({ description: 'Accepted and ignored.' }) },
    resolve: (query, _root, { id }, context) => getUser(context, id, query),
  }),
  users_me: t.prismaField({
    type: DirectusUser,
    nullable: true,
    description: 'The caller.',
    resolve: (query, _root, _args, context) => getOwnUser(context, query),
  }),
}));

const writable = (t: InputFieldBuilder<BuilderTypes, 'InputObject'>) => ({
  id: t.id(),
  external_id: t.string({
    description: 'The id that the application gives the user. Unique; upper and lower case differ.',
  }),
  first_name: t.string(),
  last_name: t.string(),
  email: t.string(),
  username: t.string({ description: 'Unique, ignoring case.' }),
  password: t.field({ type: 'Hash', extensions: own }),
  location: t.string(),
  title: t.string(),
  description: t.string(),
  avatar: t.string(),
  language: t.string({ extensions: own }),
  timezone: t.string({ description: 'An IANA time zone, such as `Europe/Berlin`.', extensions: own }),
  status: t.string(),
  role: t.string(),
  token: t.field({ type: 'Hash' }),
  email_notifications: t.boolean({ extensions: own }),
});

export const CreateUserInput = builder.inputType('create_directus_users_input', { fields: writable });
export const UpdateUserInput = builder.inputType('update_directus_users_input', { fields: writable });
