import { beforeAll, describe, expect, it } from '@jest/globals';
import { listStatement } from '../../src/query/list.ts';
import { deliver, templates } from '../faces/coder/support/items.ts';
import { useTestApp } from '../support/app.ts';
import { graphql, send } from '../support/client.ts';
import { aScope } from './people.ts';

const app = useTestApp();
const [one, two] = ['3f0a7c52-9b1e-4d7a-8a52-0d5a5f3c1e01', '7be1d0e4-52d6-4b8c-9d0f-6a1c2b3d4e02'];
const uuids: string[] = [];

beforeAll(async () => {
  const { bob } = app().people;
  uuids.push(
    await deliver(app(), bob, { title: 'a', template: templates.workspaceDeleted, targets: [one] }),
    await deliver(app(), bob, { title: 'b', template: templates.userAccountCreated, targets: [one, two] }),
    await deliver(app(), bob, { title: 'c', targets: [bob.id] }),
  );
  const times = ['2026-01-05T10:00:00Z', '2025-06-01T00:00:00Z'];
  for (const [index, time] of times.entries()) {
    await app().db.query({
      text: 'update notifications set read_at = $2 where uuid = $1',
      values: [uuids[index], time],
    });
  }
});

const subjects = (rows: readonly { readonly subject: string }[]) => rows.map(({ subject }) => subject).join('');

async function rest(query: Record<string, unknown>) {
  const parameters = Object.entries(query).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const { status, body } = await send(
    app(),
    `/notifications?${new URLSearchParams(parameters as [string, string][])}`,
    {
      as: app().people.bob,
    },
  );
  return { status, body };
}

describe('the fields of a notification that Directus does not have', () => {
  it.each<[object, string]>([
    [{ read_at: { _null: true } }, 'c'],
    [{ read_at: { _gt: '2026-01-01' } }, 'a'],
    [{ read_at: { _between: ['2025-01-01', '2025-12-31'] } }, 'b'],
    [{ read_at_func: { year: { _eq: 2026 } } }, 'a'],
    [{ template_id: { _eq: templates.userAccountCreated } }, 'b'],
    [{ template_id: { _nin: [templates.userAccountCreated] } }, 'a'],
    [{ template_id: { _null: true } }, 'c'],
    [{ targets: { _contains: one } }, 'ab'],
    [{ targets: { _contains: two.toUpperCase() } }, 'b'],
    [{ targets: { _ncontains: one } }, 'c'],
    [{ targets: { _contains: '$CURRENT_USER' } }, 'c'],
    [{ _and: [{ targets: { _contains: one } }, { _or: [{ targets: { _contains: two } }] }] }, 'b'],
  ])('notifications are filtered by their additional fields: %j', async (filter, found) => {
    const document =
      'query ($filter: directus_notifications_filter) { notifications(filter: $filter, sort: "subject") { subject } }';
    const { body } = await graphql(app(), app().people.bob, document, { filter });
    const inRest = JSON.parse(
      JSON.stringify(filter)
        .replace(/"read_at_func":\{"year"/, '"year(read_at)":{"_and"')
        .replace('{"_and":{"_eq":2026}}', '{"_eq":2026}'),
    );

    expect(subjects(body.data.notifications)).toBe(found);
    expect(subjects((await rest({ filter: inRest, sort: 'subject' })).body.data)).toBe(found);
  });

  it('notifications are filtered by UUID', async () => {
    expect(subjects((await rest({ filter: { uuid: { _eq: uuids[1] } } })).body.data)).toBe('b');
    expect(subjects((await rest({ filter: { uuid: { _in: uuids.slice(1) } }, sort: 'subject' })).body.data)).toBe('bc');
  });

  it('notifications are sorted by their additional fields', async () => {
    expect(subjects((await rest({ sort: 'read_at' })).body.data)).toBe('bac');
    expect(subjects((await rest({ sort: '-read_at,subject' })).body.data)).toBe('cab');
    expect(subjects((await rest({ sort: '-template_id' })).body.data)).toBe('cab');
    expect(subjects((await rest({ sort: 'uuid' })).body.data)).toBe('abc');
    expect(subjects((await rest({ sort: 'year(read_at)' })).body.data)).toBe('bac');
  });

  it('notifications are counted and grouped by additional fields, with minimum and maximum', async () => {
    const document = `{ notifications_aggregated(groupBy: ["template_id"], sort: ["template_id"]) {
      group countDistinct { uuid } count { read_at template_id } } }`;
    const { body } = await graphql(app(), app().people.bob, document);
    const least = await rest({ 'aggregate[min]': 'read_at', 'aggregate[count]': 'read_at' });
    const years = await rest({ 'groupBy[]': 'year(read_at)', 'aggregate[count]': '*' });

    expect(body.data.notifications_aggregated).toEqual([
      {
        group: { template_id: templates.userAccountCreated },
        countDistinct: { uuid: 1 },
        count: { read_at: 1, template_id: 1 },
      },
      {
        group: { template_id: templates.workspaceDeleted },
        countDistinct: { uuid: 1 },
        count: { read_at: 1, template_id: 1 },
      },
      { group: { template_id: null }, countDistinct: { uuid: 1 }, count: { read_at: 0, template_id: 0 } },
    ]);
    expect(least.body.data).toEqual([{ min: { read_at: '2025-06-01T00:00:00.000Z' }, count: { read_at: '2' } }]);
    expect(years.body.data).toEqual([
      { read_at_year: 2025, count: '1' },
      { read_at_year: 2026, count: '1' },
      { read_at_year: null, count: '1' },
    ]);
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['sorted by targets', { sort: 'targets' }, /"targets" is a list and cannot be sorted by/],
    ['sorted by targets in descending order', { sort: '-targets' }, /"targets" is a list and cannot be sorted by/],
    ['grouped by targets', { 'groupBy[]': 'targets' }, /"targets" is a list and cannot be grouped by/],
    ['counted by targets', { 'aggregate[count]': 'targets' }, /does not apply to "targets"/],
    ['compared with targets', { filter: { targets: { _eq: one } } }, /"_eq" is not an operator of the field "targets"/],
    [
      'targets that contain a value that is not a UUID',
      { filter: { targets: { _contains: 'x' } } },
      /"_contains" of "targets" takes a UUID/,
    ],
    [
      'read_at compared with an invalid time',
      { filter: { read_at: { _gt: 'yesterday' } } },
      /"read_at" takes an ISO 8601/,
    ],
  ])('an invalid use of additional fields is reported: %s', async (_what, query, message) => {
    const { status, body } = await rest(query);

    expect({ status, code: body.errors[0].extensions.code }).toEqual({ status: 400, code: 'INVALID_QUERY' });
    expect(body.errors[0].message).toMatch(message);
  });

  it('additional fields cannot be written', async () => {
    const { admin } = app().people;
    for (const more of [{ read_at: '2026-01-01' }, { uuid: one }, { targets: [] }, { template_id: null }]) {
      const reply = await send(app(), '/notifications', {
        as: admin,
        body: { recipient: admin.id, subject: 'x', ...more },
      });
      expect(reply.status).toBe(400);
    }
  });

  it('additional fields are not searched', () => {
    expect(listStatement(aScope(), ['id'], { search: one }).text).not.toMatch(/template_id|"uuid"|targets|read_at/);
  });
});

describe('a field of the viewer as a value', () => {
  it('a field of the viewer as a value keeps its position after other queries', async () => {
    const { admin } = app().people;
    await app().db.query({
      text: `update users set last_access = '2030-01-01', last_name = 'm', title = 'z'`,
      values: [],
    });
    await send(app(), '/notifications', { as: admin, body: { recipient: admin.id, subject: 'now' } });
    const found = async (filter: unknown) => {
      const path = `/notifications?fields=subject&filter=${encodeURIComponent(JSON.stringify(filter))}`;
      const { status, body } = await send(app(), path, { as: admin });
      return status === 200 ? subjects(body.data) : status;
    };
    const between = (from: string, to: string) => ({
      recipient: { _eq: admin.id },
      timestamp: { _between: [from, to] },
    });
    const outside = (from: string, to: string) => ({
      recipient: { _eq: admin.id },
      timestamp: { _nbetween: [from, to] },
    });
    const own = '$CURRENT_USER.last_access';

    for (let round = 0; round < 3; round += 1) {
      expect(await found(between(own, '2000-01-01'))).toBe('');
      expect(await found(between('2000-01-01', own))).toBe('now');
      expect(await found(outside(own, '2000-01-01'))).toBe('now');
      expect(await found(outside('2000-01-01', own))).toBe('');
      expect(await found({ _and: [{ timestamp: { _gt: own } }, { timestamp: { _lt: '2000-01-01' } }] })).toBe('');
      expect(
        await found({ recipient: admin.id, _and: [{ timestamp: { _gt: '2000-01-01' } }, { timestamp: { _lt: own } }] }),
      ).toBe('now');
      expect(await found({ subject: { _in: ['$CURRENT_USER.title', 'now'] } })).toBe('now');
      expect(await found({ subject: { _in: ['now', '$CURRENT_USER.title'] } })).toBe('now');
    }
  });
});
