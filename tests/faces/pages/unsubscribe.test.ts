import { describe, expect, it } from '@jest/globals';
import { readUnsubscribeKey, signUnsubscription } from '../../../src/preferences/unsubscribe-token.ts';
import { templateIds } from '../../../src/templates/model.ts';
import { createUsers } from '../../../src/users/write.ts';
import { type Person, useTestApp } from '../../support/app.ts';
import { graphql, send } from '../../support/client.ts';

/** The request that mail programs send for one-click unsubscription. */
const oneClick = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'List-Unsubscribe=One-Click',
} as const;

const template = templateIds.custom;
let made = 0;
const gone = '00000000-0000-4000-8000-000000000000';

describe('the unsubscribe link of an e-mail', () => {
  const app = useTestApp();
  const pathFor = async (
    userId: string,
    templateId: string | null,
    channel: 'smtp' | null = 'smtp',
  ): Promise<string> => {
    const key = await readUnsubscribeKey(app().db.prisma);
    return `/unsubscribe/${signUnsubscription(key, { userId, templateId, channel })}`;
  };
  const preferences = async (as: Person) => {
    const { body } = await graphql(app(), as, '{ notification_preferences { template_id disabled } }');
    return body.data.notification_preferences;
  };

  const newPerson = async () => {
    const [id = ''] = await createUsers(app().contextOf(app().people.admin), [{ username: `reader-${++made}` }]);
    return { id };
  };

  it('shows a button to a GET and changes nothing', async () => {
    const { alice } = app().people;

    const { status, headers, body } = await send(app(), await pathFor(alice.id, template));

    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/html');
    expect(headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(body).toContain('<form method="post"><button type="submit">Unsubscribe</button></form>');
    await expect(preferences(alice)).resolves.toEqual([]);
  });

  it('of an earlier version disables the whole template on a POST without a form, and may be repeated', async () => {
    const { alice, bob } = app().people;
    const path = await pathFor(alice.id, template, null);

    for (let round = 0; round < 2; round += 1) {
      const { status, body } = await send(app(), path, oneClick);
      expect(status).toBe(200);
      expect(body).toContain('You are unsubscribed');
    }

    await expect(preferences(alice)).resolves.toEqual([{ template_id: template, disabled: true }]);
    await expect(preferences(bob)).resolves.toEqual([]);
    expect((await send(app(), path)).body).toContain('You are unsubscribed');
  });

  it('disables e-mails without a template', async () => {
    const { admin, bob } = app().people;

    await expect(send(app(), await pathFor(bob.id, null), oneClick)).resolves.toMatchObject({ status: 200 });

    const { body } = await send(app(), `/users/${bob.id}?fields=email_notifications`, { as: admin });
    expect(body.data).toEqual({ email_notifications: false });
  });

  it('is answered with 200 when the user or the template is gone', async () => {
    for (const [user, id] of [
      [gone, template],
      [app().people.alice.id, gone],
      [gone, null],
    ] as const) {
      await expect(send(app(), await pathFor(user, id), oneClick)).resolves.toMatchObject({ status: 200 });
    }
  });

  it('is refused with 404 when any part of the token differs', async () => {
    const { alice } = app().people;
    const path = await pathFor(alice.id, template);
    const [user, name, signature] = [path.length - 60, path.length - 30, path.length - 3];
    for (const at of [user, name, signature]) {
      const other = path[at] === 'A' ? 'B' : 'A';
      const tampered = path.slice(0, at) + other + path.slice(at + 1);
      for (const how of [{}, oneClick]) {
        const { status, body } = await send(app(), tampered, how);
        expect({ status, body }).toEqual({ status: 404, body: expect.stringContaining('This link is not valid') });
      }
    }
    await expect(send(app(), `${path}=`, oneClick)).resolves.toMatchObject({ status: 404 });
    await expect(send(app(), '/unsubscribe/x', oneClick)).resolves.toMatchObject({ status: 404 });
  });

  it('keeps the same key when two nodes create it at once', async () => {
    const { prisma } = app().db;
    await prisma.setting.deleteMany({ where: { key: 'unsubscribe_key' } });

    const keys = await Promise.all([
      readUnsubscribeKey(prisma),
      readUnsubscribeKey(prisma),
      readUnsubscribeKey(prisma),
    ]);

    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
  });

  it('of an earlier version may undo what it did, and nothing that the user disabled otherwise', async () => {
    const bob = await newPerson();
    const path = await pathFor(bob.id, template, null);
    const disable = (disabled: boolean) =>
      graphql(
        app(),
        app().people.admin,
        'mutation ($map: JSON!, $user: String) { update_notification_preferences(user: $user, template_disabled_map: $map) { id } }',
        { map: { [template]: disabled }, user: bob.id },
      );
    const isDisabled = async () => {
      const { body } = await graphql(
        app(),
        app().people.admin,
        `{ notification_preferences(user: "${bob.id}") { disabled } }`,
      );
      return body.data.notification_preferences[0]?.disabled ?? false;
    };

    expect((await send(app(), path, oneClick)).body).toContain('<form method="post" action="?undo">');
    expect((await send(app(), `${path}?undo`, oneClick)).body).toContain('You are subscribed again');
    expect(await isDisabled()).toBe(false);
    expect((await send(app(), `${path}?undo`)).body).toContain('Unsubscribe?');

    await disable(true);
    expect((await send(app(), path, oneClick)).body).not.toContain('?undo');
    expect((await send(app(), `${path}?undo`, oneClick)).body).toContain('You are unsubscribed');
    expect(await isDisabled()).toBe(true);
  });

  it('is valid until the key was rotated twice', async () => {
    const { id } = await newPerson();
    const path = await pathFor(id, template);
    const rotate = () => graphql(app(), app().people.admin, 'mutation { rotate_unsubscribe_key }');

    expect((await rotate()).body).toEqual({ data: { rotate_unsubscribe_key: true } });
    expect((await send(app(), path)).status).toBe(200);
    expect((await send(app(), await pathFor(id, template))).status).toBe(200);
    await rotate();
    expect((await send(app(), path)).status).toBe(404);
  });
});
