import { describe, expect, it } from '@jest/globals';
import { useTestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

describe('templates, preferences and settings in GraphQL', () => {
  const app = useTestApp();
  const troubleshooting = 'c425f63e-716a-4bf4-ae24-78348f706c3f';
  const as = async (name: 'admin' | 'alice' | 'bob', document: string, variables?: Record<string, unknown>) =>
    (await graphql(app(), app().people[name], document, variables)).body;

  it('lists the system templates by name for any signed-in viewer', async () => {
    const { data } = await as('bob', '{ notification_templates(kind: "system") { id name kind method changed } }');

    const names = data.notification_templates.map(({ name }: { name: string }) => name);
    expect(names).toHaveLength(23);
    expect(names).toEqual([...names].sort());
    expect(data.notification_templates[0]).toMatchObject({ kind: 'system', method: null });
  });

  it('lists no templates of a kind that cannot be stored', async () => {
    const answer = await as('bob', 'query ($kind: String) { notification_templates(kind: $kind) { id } }', {
      kind: '\0',
    });

    expect(answer).toEqual({ data: { notification_templates: [] } });
  });

  it('sets the method of a template and reports whether it changed', async () => {
    const document = `mutation { update_notification_template_method(id: "${troubleshooting}", method: "webhook") { method changed } }`;

    const answers = [await as('admin', document), await as('admin', document)];

    expect(answers.map(({ data }) => data.update_notification_template_method)).toEqual([
      { method: 'webhook', changed: true },
      { method: 'webhook', changed: false },
    ]);
  });

  it.each([
    ['a member', 'bob', troubleshooting, 'smtp', 'FORBIDDEN'],
    ['an unknown template', 'admin', '00000000-0000-4000-8000-000000000000', 'smtp', 'FORBIDDEN'],
    ['an unknown method', 'admin', troubleshooting, 'pigeon', 'FAILED_VALIDATION'],
  ] as const)('refuses %s when the method is set', async (_case, name, id, method, code) => {
    const { errors } = await as(
      name,
      'mutation ($id: ID!, $method: String!) { update_notification_template_method(id: $id, method: $method) { id } }',
      { id, method },
    );

    expect(errors).toMatchObject([{ extensions: { code } }]);
  });

  it('returns the template of a notification, or null', async () => {
    const { id } = app().people.bob;
    await graphql(
      app(),
      app().people.admin,
      `mutation { create_notifications_items(data: [
      { recipient: "${id}", subject: "one" }, { recipient: "${id}", subject: "two" }, { recipient: "${id}", subject: "three" }
    ]) { id } }`,
    );
    await app().db.query({ text: `update notifications set template_id = null where subject = 'two'`, values: [] });

    const { data, errors } = await as('bob', '{ notifications(sort: "id") { subject template { id name } } }');

    const template = { id: '39b1e189-c857-4b0c-877a-511144c18516', name: 'Custom Notification' };
    expect(errors).toBeUndefined();
    expect(data.notifications).toEqual([
      { subject: 'one', template },
      { subject: 'two', template: null },
      { subject: 'three', template },
    ]);
  });

  it('stores a user’s preferences and shows them to that user and admins only', async () => {
    const map = { [troubleshooting]: true };
    const written = await as(
      'alice',
      'mutation ($map: JSON!) { update_notification_preferences(template_disabled_map: $map) { template_id disabled } }',
      { map },
    );
    const read = 'query ($user: String) { notification_preferences(user: $user) { template_id disabled } }';
    const { id: user } = app().people.alice;

    const [own, byAdmin, byBob] = [
      await as('alice', '{ notification_preferences { template_id disabled } }'),
      await as('admin', read, { user }),
      await as('bob', read, { user }),
    ];

    const stored = [{ template_id: troubleshooting, disabled: true }];
    expect(written.data.update_notification_preferences).toEqual(stored);
    expect([own, byAdmin].map(({ data }) => data.notification_preferences)).toEqual([stored, stored]);
    expect(byBob.errors).toMatchObject([{ extensions: { code: 'FAILED_VALIDATION', field: 'user' } }]);
  });

  it('admins pause and resume sending, and every user sees it', async () => {
    const set = (paused: boolean) =>
      `mutation { update_notification_settings(data: { notifier_paused: ${paused} }) { notifier_paused changed } }`;

    const answers = [
      await as('alice', set(true)),
      await as('admin', set(true)),
      await as('admin', set(true)),
      await as('bob', '{ notification_settings { notifier_paused } }'),
      await as('admin', set(false)),
    ];

    expect(answers[0].errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect(answers.slice(1).map(({ data }) => Object.values(data)[0])).toEqual([
      { notifier_paused: true, changed: true },
      { notifier_paused: true, changed: false },
      { notifier_paused: true },
      { notifier_paused: false, changed: true },
    ]);
  });
});
