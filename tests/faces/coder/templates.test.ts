import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers in titles are those of the checklist in tests/conformance; cases 32 to 36 are here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

const put = (path: string, body: unknown, as = app().people.admin) =>
  send(app(), `/api/v2${path}`, { as, method: 'PUT', body });

describe('templates', () => {
  it('every user lists the system templates by name, with the fields that clients read (32)', async () => {
    const { client } = await aMember(app());

    const [member, admin] = [
      await client.getSystemNotificationTemplates(),
      await adminClient(app()).getSystemNotificationTemplates(),
    ];

    expect(member.length).toBeGreaterThan(1);
    expect(member).toEqual(admin);
    expect(member.map(({ name }) => name)).toEqual(member.map(({ name }) => name).toSorted());
    for (const template of member) {
      expect(template).toEqual({
        id: expect.any(String),
        name: expect.any(String),
        title_template: expect.any(String),
        body_template: expect.any(String),
        actions: expect.any(String),
        group: expect.any(String),
        method: '',
        kind: 'system',
        enabled_by_default: expect.any(Boolean),
      });
      expect(JSON.parse(template.actions)).toBeInstanceOf(Array);
    }
  });

  it('the custom template is listed separately', async () => {
    const { client } = await aMember(app());

    const custom = await client.getCustomNotificationTemplates();

    expect(custom).toMatchObject([{ id: templates.custom, kind: 'custom' }]);
  });

  it('a template has no method until an admin sets one (33)', async () => {
    const path = `/notifications/templates/${templates.templateDeleted}/method`;

    const reply = await put(path, { method: 'webhook' });
    const listed = await (await aMember(app())).client.getSystemNotificationTemplates();

    expect(reply).toMatchObject({
      status: 200,
      body: { message: 'Successfully updated notification template method.' },
    });
    expect(listed.filter(({ method }) => method !== '')).toMatchObject([
      { id: templates.templateDeleted, method: 'webhook' },
    ]);
    await app().db.query({ text: 'update templates set method = null', values: [] });
  });

  it.each([
    ['a member (34)', templates.workspaceDeleted, 'bob'],
    ['an admin who names an unknown template', uuid(), 'admin'],
  ] as const)('setting the method of a template is answered 404 for %s', async (_who, id, who) => {
    const reply = await put(`/notifications/templates/${id}/method`, { method: 'smtp' }, app().people[who]);

    expect(reply).toMatchObject({
      status: 404,
      body: { message: 'Resource not found or you do not have access to this resource' },
    });
  });

  it.each([
    [{ method: 'nope' }, '"nope"'],
    [{ method: '' }, '""'],
    [{}, '""'],
  ])('an unknown method of a template is refused (35): %j', async (body, shown) => {
    const reply = await put(`/notifications/templates/${templates.workspaceDeleted}/method`, body);

    expect(reply.status).toBe(400);
    expect(reply.body).toEqual({
      message: 'Invalid request to update notification template method',
      validations: [
        {
          field: 'method',
          detail: `${shown} is not a valid method; smtp, webhook, inbox are the available options`,
        },
      ],
    });
  });

  it('setting the same method of a template again is 304 (36)', async () => {
    const path = `/notifications/templates/${templates.userAccountCreated}/method`;

    const replies = [await put(path, { method: 'inbox' }), await put(path, { method: 'inbox' })];

    expect(replies.map(({ status, body }) => [status, Boolean(body)])).toEqual([
      [200, true],
      [304, false],
    ]);
    await app().db.query({ text: 'update templates set method = null', values: [] });
  });

  it('a malformed template id is refused', async () => {
    const reply = await put('/notifications/templates/x/method', { method: 'smtp' });

    expect(reply).toMatchObject({ status: 400, body: { message: 'Invalid UUID "x".' } });
  });

  it.each(['', '{', '[]', '{"method":1}'])(
    'the template id is checked before the template, and the template before the body: %j',
    async (body) => {
      const path = `/notifications/templates/${templates.workspaceDeleted}/method`;

      expect(await put('/notifications/templates/x/method', body, app().people.bob)).toMatchObject({
        status: 400,
        body: { message: 'Invalid UUID "x".' },
      });
      expect(await put(path, body, app().people.bob)).toMatchObject({ status: 404 });
      expect(await put(`/notifications/templates/${uuid()}/method`, body)).toMatchObject({ status: 404 });
      expect(await put(path, body)).toMatchObject({
        status: 400,
        body: { message: 'Request body must be valid JSON.' },
      });
    },
  );

  it('a refused body changes no template', async () => {
    await put(`/notifications/templates/${templates.workspaceDeleted}/method`, '{');

    const changed = await app().db.query({ text: 'select id from templates where method is not null', values: [] });
    expect(changed).toEqual([]);
  });
});
