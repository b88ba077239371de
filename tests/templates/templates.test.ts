import { beforeAll, describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { templateIds } from '../../src/templates/model.ts';
import { getTemplate, listTemplates } from '../../src/templates/read.ts';
import { seedTemplates } from '../../src/templates/system-templates.ts';
import { updateTemplateMethod } from '../../src/templates/write.ts';
import { failureOf, people } from '../notifications/people.ts';
import { onTestDatabase } from '../support/database.ts';

const { db } = await onTestDatabase();
const { admin, alice, anonymous } = await people(db);

beforeAll(() => seedTemplates(db.prisma));

describe('listTemplates', () => {
  it('lists the system templates for admins and members', async () => {
    const [forAdmin, forMember] = [await listTemplates(admin, 'system'), await listTemplates(alice, 'system')];

    expect(forAdmin).toHaveLength(23);
    expect(forMember).toEqual(forAdmin);
  });

  it('lists templates of one kind, or all', async () => {
    expect((await listTemplates(alice, 'custom')).map(({ name }) => name)).toEqual(['Custom Notification']);
    expect(await listTemplates(alice, 'nope')).toEqual([]);
    expect(await listTemplates(alice)).toHaveLength(24);
  });

  it('lists templates by name in code point order', async () => {
    const names = ['a late one', 'Ärger', '\uFF21 wide', '\u{1F514} bell'];
    await db.prisma.template.createMany({
      data: names.map((name) => ({ id: uuid(), name, title_template: '', body_template: '', kind: 'extra' })),
    });

    expect((await listTemplates(alice, 'extra')).map(({ name }) => name)).toEqual(names);
    expect((await listTemplates(alice, 'system')).slice(0, 2).map(({ name }) => name)).toEqual([
      'One-Time Passcode',
      'Prebuild Failure Limit Reached',
    ]);
  });

  it('refuses to list templates for anonymous viewers', async () => {
    expect(await failureOf(listTemplates(anonymous))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await failureOf(getTemplate(anonymous, templateIds.custom))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('getTemplate', () => {
  it('finds a template by id in any letter case', async () => {
    expect(await getTemplate(alice, templateIds.custom.toUpperCase())).toMatchObject({ name: 'Custom Notification' });
  });

  it('gives the same error for an unknown and a malformed template id', async () => {
    expect(await failureOf(getTemplate(admin, uuid()))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(getTemplate(admin, 'custom'))).toEqual({ code: 'FORBIDDEN' });
  });
});

describe('updateTemplateMethod', () => {
  const id = templateIds.troubleshooting;

  it('the method of a template is set for all users, and the response says whether it changed', async () => {
    expect((await getTemplate(alice, id)).method).toBeNull();

    expect(await updateTemplateMethod(admin, id, 'webhook')).toMatchObject({
      template: { id, method: 'webhook' },
      changed: true,
    });
    expect(await updateTemplateMethod(admin, id, 'webhook')).toMatchObject({
      template: { method: 'webhook' },
      changed: false,
    });
    expect(await updateTemplateMethod(admin, id, 'inbox')).toMatchObject({
      template: { method: 'inbox' },
      changed: true,
    });
    expect((await getTemplate(alice, id)).method).toBe('inbox');
  });

  it.each(['nope', '', 'SMTP', 'smtp '])('refuses the method %j and names the valid ones', async (method) => {
    const sentence = `"${method}" is not a valid method; smtp, webhook, inbox are the available options`;
    const call = () => updateTemplateMethod(admin, templateIds.custom, method);

    expect(await failureOf(call())).toMatchObject({
      code: 'FAILED_VALIDATION',
      field: 'method',
      type: 'in',
      reason: sentence,
    });
    await expect(call()).rejects.toThrow(sentence);
    expect((await getTemplate(admin, templateIds.custom)).method).toBeNull();
  });

  it('gives members and unknown templates the same error for any method', async () => {
    expect(await failureOf(updateTemplateMethod(alice, id, 'smtp'))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(updateTemplateMethod(alice, id, 'nope'))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(updateTemplateMethod(anonymous, id, 'smtp'))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(updateTemplateMethod(admin, uuid(), 'nope'))).toEqual({ code: 'FORBIDDEN' });
    expect(await failureOf(updateTemplateMethod(admin, 'x', 'smtp'))).toEqual({ code: 'FORBIDDEN' });
  });
});
