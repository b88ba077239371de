import { builder } from './builder.ts';

export const DeleteOne = builder.objectRef<{ id: string }>('delete_one').implement({
  description: 'The key of the deleted row, as it was given.',
  fields: (t) => ({ id: t.exposeID('id') }),
});

export const DeleteMany = builder.objectRef<{ ids: string[] }>('delete_many').implement({
  description: 'The keys of the deleted rows, as they were given.',
  fields: (t) => ({ ids: t.exposeIDList('ids', { nullable: { list: false, items: true } }) }),
});
