import { expect, it, jest } from '@jest/globals';
import { migrate } from '../../src/database/migrate.ts';
import { escapeMarkdown, escapeMarkdownLine } from '../../src/templates/escape.ts';
import { templateIds } from '../../src/templates/model.ts';
import { createDatabase } from '../support/database.ts';
import { migrationsBefore } from '../support/migrations.ts';
import { asAdmin } from '../support/server.ts';

const log = { info: jest.fn() };
// Prefixes of uuids, which are ordered by time: of the deliveries, of notifications older than the delivery log, and of
// notifications that have no delivery.
const delivered = '019a0000-0000-7000-8000-0000000000';
const olderThanLog = '01900000-0000-7000-8000-0000000000';
const withoutDelivery = '019b0000-0000-7000-8000-0000000000';
const written = 'snake_case_x\\ & <b> *a* [l](u) 1. `c`';
const letter = '# Hi\n\n  - a_b\n> q &lt; &#32;\n\n1. x \\ end!\n';

it('the migration written_subjects restores the original text of custom messages, and each restored text is a change of its inbox', async () => {
  const database = await createDatabase('template template0');
  try {
    await migrate(database.url, { log, folder: await migrationsBefore('20261130100000_written_subjects') });
    const { rows, inboxes } = await asAdmin(database.url, async (client) => {
      // As rows, because the code of today does not know the tables of that time.
      await client.query(
        `insert into templates (id, name, title_template, body_template) values ($1, 'Custom', '', ''), ($2, 'Other', '', '')`,
        [templateIds.custom, templateIds.troubleshooting],
      );
      await client.query(`
        insert into users (id, email) values ('${delivered}01', 'a@example.com'), ('${delivered}02', 'b@example.com');
        insert into inboxes (recipient_id, version, unread, total) values ('${delivered}01', 9, 5, 5), ('${delivered}02', 4, 2, 2);
        insert into deliveries (id, user_id, method, status, own_payload, created_by)
        select ('${delivered}' || ending)::uuid, '${delivered}01', 'inbox', 'sent', '{}', 'a' from unnest(array['11', '12', '13']) as ending`);
      const insert = (
        uuid: string,
        version: number,
        subject: string,
        message: string | null,
        template: string = templateIds.custom,
        user = '01',
      ) =>
        client.query(
          `insert into notifications (uuid, recipient_id, subject, message, template_id, created_version, version)
           values ($1, $2, $3, $4, $5, $6, $6)`,
          [uuid, `${delivered}${user}`, subject, message, template, version],
        );
      await insert(`${delivered}11`, 1, escapeMarkdownLine(written), escapeMarkdown(letter));
      await insert(`${delivered}12`, 2, 'plain', 'words');
      await insert(`${delivered}13`, 3, 'Changed_by *somebody* \\_', escapeMarkdown('a_b'));
      await insert(`${withoutDelivery}14`, 4, 'written\\_so', 'a \\* b');
      await insert(
        `${olderThanLog}15`,
        2,
        escapeMarkdownLine(written),
        escapeMarkdown(letter),
        templateIds.custom,
        '02',
      );
      await insert(`${olderThanLog}16`, 3, 'a_b *c* \\_', null, templateIds.custom, '02');
      await insert(`${olderThanLog}17`, 5, 'of a template \\_', '\\*', templateIds.troubleshooting);
      await migrate(database.url, { log });
      const { rows } = await client.query(
        'select right(uuid::text, 2) as row, subject, message, version::int from notifications order by 1',
      );
      const { rows: inboxes } = await client.query(
        'select version::int, unread, total from inboxes order by recipient_id',
      );
      return { rows, inboxes };
    });

    expect(rows).toEqual([
      { row: '11', subject: written, message: letter, version: 10 },
      { row: '12', subject: 'plain', message: 'words', version: 2 },
      { row: '13', subject: 'Changed_by *somebody* \\_', message: 'a_b', version: 11 },
      { row: '14', subject: 'written\\_so', message: 'a \\* b', version: 4 },
      { row: '15', subject: written, message: letter, version: 5 },
      { row: '16', subject: 'a_b *c* \\_', message: null, version: 3 },
      { row: '17', subject: 'of a template \\_', message: '\\*', version: 5 },
    ]);
    expect(inboxes).toEqual([
      { version: 11, unread: 5, total: 5 },
      { version: 5, unread: 2, total: 2 },
    ]);
  } finally {
    await database.drop();
  }
});
