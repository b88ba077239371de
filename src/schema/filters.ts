import type { InputFieldMap, InputRef } from '@pothos/core';
import type { Filter } from '../query/filter-input.ts';
import { builder } from './builder.ts';

const textOperators = [
  '_eq',
  '_neq',
  '_contains',
  '_icontains',
  '_ncontains',
  '_starts_with',
  '_nstarts_with',
  '_istarts_with',
  '_nistarts_with',
  '_ends_with',
  '_nends_with',
  '_iends_with',
  '_niends_with',
] as const;

const operators = (name: string, type: 'String' | 'ID') =>
  builder.inputType(name, {
    fields: (t) => ({
      ...Object.fromEntries(textOperators.map((operator) => [operator, t.field({ type })])),
      _in: t.field({ type: [type], required: { list: false, items: false } }),
      _nin: t.field({ type: [type], required: { list: false, items: false } }),
      _null: t.boolean(),
      _nnull: t.boolean(),
      _empty: t.boolean(),
      _nempty: t.boolean(),
    }),
  });

const StringFilterOperators = operators('string_filter_operators', 'String');
const IdFilterOperators = operators('id_filter_operators', 'ID');

const nullableItems = { list: false, items: false } as const;

const NumberFilterOperators = builder.inputType('number_filter_operators', {
  fields: (t) => ({
    ...Object.fromEntries(
      ['_eq', '_neq', '_gt', '_gte', '_lt', '_lte'].map((name) => [name, t.field({ type: 'GraphQLStringOrFloat' })]),
    ),
    ...Object.fromEntries(
      ['_in', '_nin', '_between', '_nbetween'].map((name) => [
        name,
        t.field({ type: ['GraphQLStringOrFloat'], required: nullableItems }),
      ]),
    ),
    _null: t.boolean(),
    _nnull: t.boolean(),
  }),
});

const DateFilterOperators = builder.inputType('date_filter_operators', {
  fields: (t) => ({
    ...Object.fromEntries(['_eq', '_neq', '_gt', '_gte', '_lt', '_lte'].map((name) => [name, t.string()])),
    _in: t.stringList({ required: nullableItems }),
    _nin: t.stringList({ required: nullableItems }),
    _between: t.field({ type: ['GraphQLStringOrFloat'], required: nullableItems }),
    _nbetween: t.field({ type: ['GraphQLStringOrFloat'], required: nullableItems }),
    _null: t.boolean(),
    _nnull: t.boolean(),
  }),
});

/** Parts of a timestamp in UTC; `week` is the ISO week, `weekday` 0 is Sunday. */
export const datetimeParts = ['year', 'month', 'week', 'day', 'weekday', 'hour', 'minute', 'second'] as const;

const DatetimeFunctionFilterOperators = builder.inputType('datetime_function_filter_operators', {
  fields: (t) => Object.fromEntries(datetimeParts.map((part) => [part, t.field({ type: NumberFilterOperators })])),
});

const BooleanFilterOperators = builder.inputType('boolean_filter_operators', {
  fields: (t) => ({ _eq: t.boolean(), _neq: t.boolean(), _null: t.boolean(), _nnull: t.boolean() }),
});

const HashFilterOperators = builder.inputType('hash_filter_operators', {
  fields: (t) => ({ _null: t.boolean(), _nnull: t.boolean(), _empty: t.boolean(), _nempty: t.boolean() }),
});

const IdListFilterOperators = builder.inputType('id_list_filter_operators', {
  fields: (t) => ({
    _contains: t.id({ description: 'The list contains this id.' }),
    _ncontains: t.id({ description: 'The list does not contain this id.' }),
  }),
});

/** A filter refers to itself in `_and` and `_or`, so it is declared before its fields. */
const UsersFilterRef = builder.inputRef<object>('directus_users_filter');
UsersFilterRef.implement({
  description: 'Conditions on users; all must hold.',
  fields: (t) => {
    const text = () => t.field({ type: StringFilterOperators });
    const fields: InputFieldMap = {
      id: t.field({ type: IdFilterOperators }),
      external_id: text(),
      first_name: text(),
      last_name: text(),
      email: text(),
      username: text(),
      password: t.field({ type: HashFilterOperators }),
      location: text(),
      title: text(),
      description: text(),
      avatar: t.field({ type: IdFilterOperators }),
      language: text(),
      timezone: text(),
      status: text(),
      role: text(),
      token: t.field({ type: HashFilterOperators }),
      last_access: t.field({ type: DateFilterOperators }),
      last_access_func: t.field({ type: DatetimeFunctionFilterOperators }),
      email_notifications: t.field({ type: BooleanFilterOperators }),
      _and: t.field({ type: [UsersFilterRef], required: nullableItems }),
      _or: t.field({ type: [UsersFilterRef], required: nullableItems }),
    };
    return fields;
  },
});
// The field map is not typed; anything GraphQL accepts for it is such a filter.
export const UsersFilter = UsersFilterRef as InputRef<Filter>;

const NotificationsFilterRef = builder.inputRef<object>('directus_notifications_filter');
NotificationsFilterRef.implement({
  description: 'Conditions on notifications; all must hold. Values may be `$NOW`, `$NOW(-1 day)`, `$CURRENT_USER`.',
  fields: (t) => {
    const text = () => t.field({ type: StringFilterOperators });
    const fields: InputFieldMap = {
      id: t.field({ type: NumberFilterOperators }),
      timestamp: t.field({ type: DateFilterOperators }),
      timestamp_func: t.field({ type: DatetimeFunctionFilterOperators }),
      status: text(),
      recipient: t.field({ type: UsersFilterRef }),
      sender: t.field({ type: UsersFilterRef }),
      subject: text(),
      message: text(),
      collection: text(),
      item: text(),
      uuid: t.field({ type: IdFilterOperators }),
      read_at: t.field({ type: DateFilterOperators }),
      read_at_func: t.field({ type: DatetimeFunctionFilterOperators }),
      template_id: t.field({ type: IdFilterOperators }),
      targets: t.field({ type: IdListFilterOperators }),
      _and: t.field({ type: [NotificationsFilterRef], required: nullableItems }),
      _or: t.field({ type: [NotificationsFilterRef], required: nullableItems }),
    };
    return fields;
  },
});
export const NotificationsFilter = NotificationsFilterRef as InputRef<Filter>;
