import type { Database } from '../../src/database/database.ts';

/** A change of an inbox, read from its row or tombstone. */
interface InboxChange {
  readonly recipient_id: string;
  readonly version: number;
  readonly id: number;
  readonly content: string | null;
}

/** An inbox with the counts of its table, from one snapshot. */
interface Counted {
  readonly recipient_id: string;
  readonly version: number;
  readonly unread: number;
  readonly total: number;
  readonly real_unread: number;
  readonly real_total: number;
  readonly largest: number;
  readonly rows: number;
  readonly versions: number;
}

/** SQL for the content of a row, without its versions. */
const content = `n.status || coalesce(n.read_at::text, '-') || coalesce(n.sender_id::text, '-') || n.subject`;

/**
 * Follows inboxes by version alone, like the feed: repeatedly reads what is above a cursor. Its copy equals the table
 * only if no version becomes visible below one that was seen.
 */
export function followerOf(db: Database, recipients: readonly string[]) {
  const cursors = new Map(recipients.map((recipient) => [recipient, 0]));
  const copies = new Map<string, Map<number, string>>(recipients.map((recipient) => [recipient, new Map()]));

  async function catchUp(): Promise<void> {
    const steps = await db.query<InboxChange>({
      name: 'follow',
      text: `
        with given as (select * from unnest($1::uuid[], $2::bigint[]) as given (recipient_id, cursor))
        select n.recipient_id, n.version, n.id, ${content} as content
        from given join notifications n on n.recipient_id = given.recipient_id and n.version > cursor
        union all
        select t.recipient_id, t.version, t.id, null
        from given join notification_tombstones t on t.recipient_id = given.recipient_id and t.version > cursor
        union all
        select i.recipient_id, i.version, 0, null
        from given join inboxes i on i.recipient_id = given.recipient_id and i.version > cursor
        order by version`,
      values: [[...cursors.keys()], [...cursors.values()]],
    });
    for (const { recipient_id, version, id, content: text } of steps) {
      const copy = copies.get(recipient_id);
      if (text === null) copy?.delete(id);
      else copy?.set(id, text);
      cursors.set(recipient_id, version);
    }
  }

  /** Differences between the copies and the table. */
  async function differences(): Promise<string[]> {
    await catchUp();
    const living = await db.query<{ recipient_id: string }>({
      text: 'select recipient_id from inboxes where recipient_id = any ($1)',
      values: [recipients],
    });
    const stored = await db.query<{ recipient_id: string; id: number; content: string }>({
      text: `select n.recipient_id, n.id, ${content} as content from notifications n where recipient_id = any ($1)`,
      values: [recipients],
    });
    const inTable = new Set(stored.map((row) => `${row.recipient_id} ${row.id} ${row.content}`));
    const inCopies = new Set(
      living.flatMap(({ recipient_id }) =>
        [...(copies.get(recipient_id) ?? [])].map(([id, text]) => `${recipient_id} ${id} ${text}`),
      ),
    );
    return [
      ...[...inCopies].filter((row) => !inTable.has(row)).map((row) => `only followed: ${row}`),
      ...[...inTable].filter((row) => !inCopies.has(row)).map((row) => `never followed: ${row}`),
    ];
  }

  return { catchUp, differences };
}

/** All violations of the invariant in these inboxes at this moment. */
export async function violations(db: Database, recipients: readonly string[]): Promise<string[]> {
  const inboxes = await db.query<Counted>({
    name: 'count_inboxes',
    text: `
      select inbox.*, counted.*
      from inboxes as inbox cross join lateral (
        select count(*) filter (where is_row and status = 'inbox' and read_at is null) as real_unread,
               count(*) filter (where is_row and status = 'inbox') as real_total,
               coalesce(max(step.version), 0) as largest,
               count(*) as rows, count(distinct step.version) as versions
        from (
          select version, status, read_at, true as is_row from notifications
          where recipient_id = inbox.recipient_id and created_version <= version
          union all
          select version, null, null, false from notification_tombstones where recipient_id = inbox.recipient_id
        ) as step
      ) as counted
      where inbox.recipient_id = any ($1)`,
    values: [recipients],
  });
  return inboxes.flatMap((inbox) => [
    ...(inbox.unread === inbox.real_unread ? [] : [`unread ${inbox.unread}, really ${inbox.real_unread}`]),
    ...(inbox.total === inbox.real_total ? [] : [`total ${inbox.total}, really ${inbox.real_total}`]),
    ...(inbox.version >= inbox.largest ? [] : [`version ${inbox.version} below ${inbox.largest}`]),
    ...(inbox.rows === inbox.versions ? [] : [`${inbox.rows - inbox.versions} versions given twice`]),
  ]);
}
