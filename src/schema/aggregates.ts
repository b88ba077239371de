import type { ArgBuilder, InputRef } from '@pothos/core';
import { notificationsCollection } from '../notifications/model.ts';
import { aggregateNotifications } from '../notifications/read.ts';
import type { AggregateOperation, AggregateRow } from '../query/aggregate.ts';
import type { Collection, Field } from '../query/collection.ts';
import type { Filter } from '../query/filter-input.ts';
import { usersCollection } from '../users/model.ts';
import { aggregateUsers } from '../users/read.ts';
import { counts, figures, restRow, wantedAggregates } from './aggregated-row.ts';
import { type BuilderTypes, builder } from './builder.ts';
import { NotificationsFilter, UsersFilter } from './filters.ts';
import { listArguments, nonNullItems } from './list-arguments.ts';

/** The results of one operation in an aggregated row. */
interface Figures {
  readonly row: AggregateRow;
  readonly operation: AggregateOperation;
}

function numberAt({ row, operation }: Figures, field: string): number | null {
  const value = row.values.get(`${operation}.${field}`);
  return value === undefined || value === null ? null : Number(value);
}

/** Arrays can be neither grouped nor counted. */
const isCountable = ({ type }: Field) => type !== 'uuids';
const isNumber = ({ type }: Field) => type === 'integer';

/** The aggregate types of a collection; without numeric fields there are only counts. */
function aggregatedType({ name, fields: all }: Collection, title: string) {
  const fields = [...all.values()];
  const Count = builder.objectRef<Figures>(`${name}_aggregated_count`).implement({
    fields: (t) =>
      Object.fromEntries(
        fields
          .filter(isCountable)
          .map((field) => [field.name, t.int({ nullable: true, resolve: (figure) => numberAt(figure, field.name) })]),
      ),
  });
  const numbers = fields.filter(isNumber);
  const Fields =
    numbers.length === 0
      ? undefined
      : builder.objectRef<Figures>(`${name}_aggregated_fields`).implement({
          fields: (t) =>
            Object.fromEntries(
              numbers.map((field) => [
                field.name,
                t.float({ nullable: true, resolve: (figure) => numberAt(figure, field.name) }),
              ]),
            ),
        });
  return builder.objectRef<AggregateRow>(`${name}_aggregated`).implement({
    description: `Aggregates of one group of ${title}, or of all.`,
    fields: (t) => ({
      group: t.expose('group', { type: 'JSON', nullable: true }),
      countAll: t.int({ nullable: true, resolve: (row) => numberAt({ row, operation: 'count' }, '*') }),
      ...Object.fromEntries(
        counts.map((operation) => [
          operation,
          t.field({ type: Count, nullable: true, resolve: (row) => ({ row, operation }) }),
        ]),
      ),
      ...Object.fromEntries(
        (Fields ? figures : []).map((operation) => [
          operation,
          t.field({
            type: Fields as NonNullable<typeof Fields>,
            nullable: true,
            resolve: (row) => ({ row, operation }),
          }),
        ]),
      ),
      row: t.field({
        type: 'JSON',
        nullable: true,
        description:
          'The row as the REST API returns it: counts, sums and averages are strings, and minima and maxima of times are included.',
        args: {
          aggregate: t.arg({
            type: 'JSON',
            description: 'An object of operations and lists of field names, such as `{"count": ["*"]}`.',
          }),
        },
        resolve: (row, { aggregate }) => restRow(row, aggregate),
      }),
    }),
  });
}

const Aggregated = aggregatedType(notificationsCollection, 'notifications');
const AggregatedUsers = aggregatedType(usersCollection, 'users');

function aggregateArguments(arg: ArgBuilder<BuilderTypes>, filter: InputRef<Filter>) {
  return {
    ...listArguments(arg, filter),
    groupBy: arg.stringList({
      required: { list: false, items: false },
      description: 'Fields, or parts of a time such as `year(timestamp)`, which is named `timestamp_year` in `group`.',
    }),
  };
}

builder.queryFields((t) => ({
  notifications_aggregated: t.field({
    type: [Aggregated],
    description: 'Aggregates of the notifications that the caller may see; `limit` is the maximum number of groups.',
    args: aggregateArguments(t.arg, NotificationsFilter),
    resolve: (_root, { groupBy, ...args }, context, info) =>
      aggregateNotifications(context, { groupBy: nonNullItems(groupBy), aggregates: wantedAggregates(info) }, args),
  }),
  users_aggregated: t.field({
    type: [AggregatedUsers],
    description: 'Aggregates of the users that the caller may see; `limit` is the maximum number of groups.',
    args: aggregateArguments(t.arg, UsersFilter),
    resolve: (_root, { groupBy, ...args }, context, info) =>
      aggregateUsers(context, { groupBy: nonNullItems(groupBy), aggregates: wantedAggregates(info) }, args),
  }),
}));
