import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { seedTemplates } from '../../../src/templates/system-templates.ts';
import { useTestApp } from '../../support/app.ts';
import { send } from '../../support/client.ts';
import { templates } from './support/items.ts';
import { adminClient, aMember } from './support/people.ts';

// The numbers are those of the checklist of the reference's tests; cases 32 to 36 are here.

const app = useTestApp();
beforeAll(() => seedTemplates(app().db.prisma));

const put = (path: string, body: unknown, as = app().people.admin) =>
  send(app(), `/api/v2${path}`, { as, method: 'PUT', body });

describe('templates', () => {
  it('32 are listed for everybody, by name, as clients read them', async () => {
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

  it('of what people write are listed apart', async () => {
    const { client } = await aMember(app());

    const custom = await client.getCustomNotificationTemplates();

    expect(custom).toMatchObject([{ id: templates.custom, kind: 'custom' }]);
  });

  it('33 have no method at first, and then the one that an admin sets', async () => {
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
    ['34 a member', templates.workspaceDeleted, 'bob'],
    ['an admin who names none there is', uuid(), 'admin'],
  ] as const)('are not there for %s', async (_who, id, who) => {
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
  ])('35 take no method of another name: %j', async (body, shown) => {
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

  it('36 take the same method twice', async () => {
    const path = `/notifications/templates/${templates.userAccountCreated}/method`;

    const replies = [await put(path, { method: 'inbox' }), await put(path, { method: 'inbox' })];

    expect(replies.map(({ status, body }) => [status, Boolean(body)])).toEqual([
      [200, true],
      [304, false],
    ]);
    await app().db.query({ text: 'update templates set method = null', values: [] });
  });

  it('are refused for an id that is none', async () => {
    const reply = await put('/notifications/templates/x/method', { method: 'smtp' });

    expect(reply).toMatchObject({ status: 400, body: { message: 'Invalid UUID "x".' } });
  });

  it.each(['', '{', '[]', '{"method":1}'])('are refused in the order id, template, body: %j', async (body) => {
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
  });

  it('stay as they are when the body is refused', async () => {
    await put(`/notifications/templates/${templates.workspaceDeleted}/method`, '{');

    const changed = await app().db.query({ text: 'select id from templates where method is not null', values: [] });
    expect(changed).toEqual([]);
  });
});
