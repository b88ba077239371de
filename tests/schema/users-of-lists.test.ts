import { describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';
import { statementsOf } from '../support/statements.ts';

describe('the users of a list', () => {
  const app = useTestApp();

  /** The response, and the statements that read users for it. */
  async function ask(who: 'admin' | 'alice', fields: string, collection: string) {
    const { people, db } = app();
    const document = `query Listed${fields.includes('$yes') ? '($yes: Boolean = true)' : ''} {
      notifications(filter: { collection: { _eq: "${collection}" } }) { ${fields} }
    }`;
    const { result, ran } = await statementsOf(db, () => graphql(app(), people[who], document));
    return { body: result.body, ofUsers: ran.filter(({ text }) => / from users\b/.test(text)) };
  }

  async function someRows(collection: string) {
    const { admin, alice, bob } = app().people;
    await createNotifications(app().contextOf(admin), [
      { recipient: alice.id, sender: bob.id, subject: '1', collection },
      { recipient: bob.id, subject: '2', collection },
    ]);
  }

  it('the users of a list are read by one statement where recipient and sender select the same', async () => {
    await someRows('same');

    const { body, ofUsers } = await ask('admin', 'recipient { first_name } sender { first_name }', 'same');

    expect(body.data.notifications).toEqual([
      { recipient: { first_name: 'Alice' }, sender: { first_name: 'Bob' } },
      { recipient: { first_name: 'Bob' }, sender: null },
    ]);
    expect(ofUsers).toHaveLength(1);
  });

  it('the users of a list follow each selection, with arguments, aliases, fragments and directives', async () => {
    await someRows('mixed');

    const { body } = await ask(
      'admin',
      `recipient { id } recipient { first_name }
       bobs: recipient(filter: { first_name: { _eq: "Bob" } }) { first_name }
       from: sender { first_name last_name } ... on directus_notifications { other: sender @include(if: $yes) { id } }
       gone: recipient @skip(if: $yes) { id } sender`,
      'mixed',
    );

    const { alice, bob } = app().people;
    expect(body.data.notifications).toEqual([
      {
        recipient: { id: alice.id, first_name: 'Alice' },
        bobs: null,
        from: { first_name: 'Bob', last_name: null },
        other: { id: bob.id },
        sender: bob.id,
      },
      {
        recipient: { id: bob.id, first_name: 'Bob' },
        bobs: { first_name: 'Bob' },
        from: null,
        other: null,
        sender: null,
      },
    ]);
  });

  it('the users of a list are not read where only their keys are selected', async () => {
    await someRows('keys');

    const { body, ofUsers } = await ask('admin', 'recipient sender', 'keys');

    expect(body.data.notifications).toHaveLength(2);
    expect(ofUsers).toEqual([]);
  });

  it('the users of a list are null where the viewer may not see them', async () => {
    await someRows('own');

    const { body } = await ask('alice', 'recipient { first_name } sender { first_name }', 'own');

    expect(body.data.notifications).toEqual([{ recipient: { first_name: 'Alice' }, sender: null }]);
  });
});
