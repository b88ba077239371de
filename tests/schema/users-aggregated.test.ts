import { describe, expect, it } from '@jest/globals';
import { type Person, useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

const app = useTestApp();
const ask = (as: Person | undefined, document: string) => graphql(app(), as, document);

describe('users_aggregated', () => {
  it('users_aggregated groups and counts for admins', async () => {
    const { body } = await ask(
      app().people.admin,
      `{ users_aggregated(groupBy: ["role"], sort: ["-count"], filter: { email: { _nnull: true } }) {
        group countAll count { email last_access } countDistinct { status }
        row(aggregate: { count: ["id"] }) } }`,
    );

    expect(body.data.users_aggregated).toEqual([
      {
        group: { role: 'member' },
        countAll: 2,
        count: { email: 2, last_access: 0 },
        countDistinct: { status: 1 },
        row: { role: 'member', count: { id: '2' } },
      },
      expect.objectContaining({ group: { role: 'admin' }, countAll: 1 }),
    ]);
  });

  it('users_aggregated counts only the member, and only readable fields', async () => {
    const { alice } = app().people;

    expect((await ask(alice, '{ users_aggregated { countAll } }')).body.data).toEqual({
      users_aggregated: [{ countAll: 1 }],
    });
    const denied = await ask(alice, '{ users_aggregated { count { token } } }');
    expect(denied.body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('users_aggregated is refused to anonymous viewers', async () => {
    const { body } = await ask(undefined, '{ users_aggregated { countAll } }');

    expect(body.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  it('users_aggregated is priced by its groups', async () => {
    const fields = Array.from({ length: 1500 }, (_, index) => `a${index}: countAll`).join(' ');
    const document = `{ users_aggregated(groupBy: ["id"], limit: 1000) { ${fields} } }`;
    const { body } = await ask(app().people.admin, document);

    expect(body.errors[0].message).toMatch(/would cost/);
  });
});
