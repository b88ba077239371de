import { beforeEach, describe, expect, it } from '@jest/globals';
import { openDatabase } from '../../src/database/client.ts';
import { templateIds } from '../../src/templates/model.ts';
import { seedTemplates, systemTemplates } from '../../src/templates/system-templates.ts';
import { onTestDatabase } from '../support/database.ts';

const { db, url } = await onTestDatabase({ poolSize: 10 });

const stored = () =>
  db.query<{ id: string; xmin: string; method: string | null; body_template: string; kind: string }>({
    text: 'select id, xmin::text, method, body_template, kind from templates order by id',
    values: [],
  });

describe('seedTemplates', () => {
  beforeEach(async () => {
    await db.prisma.template.deleteMany();
  });

  it('seeds every system template, two of them disabled and one custom', async () => {
    await seedTemplates(db.prisma);

    const templates = await db.prisma.template.findMany();
    const custom = systemTemplates.find(({ id }) => id === templateIds.custom);
    expect(templates).toHaveLength(24);
    expect(
      templates
        .filter(({ enabled_by_default }) => !enabled_by_default)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['Workspace Created', 'Workspace Manually Updated']);
    expect(templates.filter(({ kind }) => kind === 'custom')).toEqual([
      {
        id: templateIds.custom,
        name: 'Custom Notification',
        group: 'Custom Events',
        kind: 'custom',
        category_key: null,
        method: null,
        enabled_by_default: true,
        title_template: custom?.title,
        body_template: custom?.body,
        actions: [],
      },
    ]);
    expect(templates.find(({ id }) => id === templateIds.oneTimePasscode)?.actions).toEqual([
      { label: 'Choose new password', url: expect.stringContaining('{{ labels.one_time_passcode }}') },
    ]);
  });

  it('seeding again writes nothing', async () => {
    await seedTemplates(db.prisma);
    const before = await stored();

    await seedTemplates(db.prisma);

    expect(await stored()).toEqual(before);
  });

  it('seeding updates texts, and keeps the chosen method and other templates', async () => {
    await seedTemplates(db.prisma);
    const own = { id: '00000000-0000-4000-8000-000000000001', name: 'Own', title_template: '', body_template: '' };
    await db.prisma.template.create({ data: own });
    const id = templateIds.troubleshooting;
    await db.prisma.template.update({ where: { id }, data: { body_template: 'old', method: 'webhook' } });

    await seedTemplates(db.prisma);

    expect((await stored()).find((template) => template.id === id)).toMatchObject({
      body_template: systemTemplates.find((template) => template.id === id)?.body,
      method: 'webhook',
    });
    expect(await db.prisma.template.count()).toBe(25);
  });

  it('several nodes can seed concurrently', async () => {
    const nodes = await Promise.all(Array.from({ length: 6 }, () => openDatabase({ url, poolSize: 1 })));
    try {
      for (let round = 0; round < 10; round += 1) {
        await db.prisma.template.deleteMany();
        await Promise.all(nodes.map(({ prisma }) => seedTemplates(prisma)));
        expect(await stored()).toHaveLength(24);
      }
    } finally {
      await Promise.all(nodes.map((node) => node.close()));
    }
  });
});
