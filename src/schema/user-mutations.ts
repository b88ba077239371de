import { getOwnUser, getUser, prepareUserReread } from '../users/read.ts';
import { createUsers, deleteUsers, updateUsers, updateUsersBatch } from '../users/write.ts';
import { builder } from './builder.ts';
import { DeleteMany, DeleteOne } from './deletions.ts';
import { UsersFilter } from './filters.ts';
import { changeOf, listArguments, nonNullItems } from './list-arguments.ts';
import { CreateUserInput, DirectusUser, UpdateUserInput } from './users.ts';

const nullableItems = { list: false, items: false } as const;
const returned = 'The other arguments apply only to the returned list.';

builder.mutationFields((t) => ({
  create_users_items: t.prismaField({
    type: [DirectusUser],
    description: `Creates all of them or none; admins only. ${returned}`,
    args: { ...listArguments(t.arg, UsersFilter), data: t.arg({ type: [CreateUserInput], required: nullableItems }) },
    resolve: async (query, _root, { data, ...args }, context) => {
      const reread = await prepareUserReread(context, args, query);
      return reread(await createUsers(context, nonNullItems(data)));
    },
  }),
  create_users_item: t.prismaField({
    type: DirectusUser,
    nullable: true,
    args: { data: t.arg({ type: CreateUserInput, required: true }) },
    resolve: async (query, _root, { data }, context) => {
      const [id] = await createUsers(context, [data]);
      return id === undefined ? null : getUser(context, id, query);
    },
  }),
  update_users_items: t.prismaField({
    type: [DirectusUser],
    description: `Makes the same change to many rows, all or none. ${returned}`,
    args: {
      ...listArguments(t.arg, UsersFilter),
      ids: t.arg.idList({ required: { list: true, items: false } }),
      data: t.arg({ type: UpdateUserInput }),
    },
    resolve: async (query, _root, { ids, data, ...args }, context) => {
      const reread = await prepareUserReread(context, args, query);
      return reread(await updateUsers(context, nonNullItems(ids), changeOf(data)));
    },
  }),
  update_users_batch: t.prismaField({
    type: [DirectusUser],
    description: `Changes each row as described by its element, all or none; every element needs an \`id\`. ${returned}`,
    args: { ...listArguments(t.arg, UsersFilter), data: t.arg({ type: [UpdateUserInput], required: nullableItems }) },
    resolve: async (query, _root, { data, ...args }, context) => {
      const reread = await prepareUserReread(context, args, query);
      return reread(await updateUsersBatch(context, nonNullItems(data)));
    },
  }),
  update_users_item: t.prismaField({
    type: DirectusUser,
    nullable: true,
    args: { id: t.arg.id({ required: true }), data: t.arg({ type: UpdateUserInput }) },
    resolve: async (query, _root, { id, data }, context) => {
      const [changed] = await updateUsers(context, [id], changeOf(data));
      return getUser(context, changed ?? id, query);
    },
  }),
  update_users_me: t.prismaField({
    type: DirectusUser,
    nullable: true,
    description:
      'Changes the caller; a member may change `email_notifications`, `language`, `password` and `timezone`.',
    args: { data: t.arg({ type: UpdateUserInput }) },
    resolve: async (query, _root, { data }, context) => {
      const { id } = await getOwnUser(context);
      await updateUsers(context, [id], changeOf(data));
      return getOwnUser(context, query);
    },
  }),
  delete_users_items: t.field({
    type: DeleteMany,
    nullable: true,
    description: 'Deletes the users with their notifications; admins only.',
    args: { ids: t.arg.idList({ required: { list: true, items: false } }) },
    resolve: async (_root, { ids }, context) => {
      return { ids: await deleteUsers(context, nonNullItems(ids)) };
    },
  }),
  delete_users_item: t.field({
    type: DeleteOne,
    nullable: true,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const [deleted = id] = await deleteUsers(context, [id]);
      return { id: deleted };
    },
  }),
}));
