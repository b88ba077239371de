import type { Person } from '../support/app.ts';
import { asAdmin } from '../support/server.ts';
import { afterwards } from './afterwards.ts';
import { randomFor } from './live-figures.ts';
import { type Follower, follow } from './live-follower.ts';
import type { ClientInbox } from './live-inboxes.ts';
import { ask, dataOf } from './live-requests.ts';
import { deleted } from './live-states.ts';
import type { Load } from './live-writers.ts';

let made = 0;

/** Creates `count` members through a node. */
export async function people(url: string, count: number): Promise<Person[]> {
  made += 1;
  const tokens = Array.from({ length: count }, (_, index) => `the-token-of-${made}-${index}`);
  const query = 'mutation ($data: [create_directus_users_input!]) { create_users_items(data: $data) { id } }';
  const data = await dataOf(ask(url, query, { data: tokens.map((token) => ({ token })) }));
  return (data.create_users_items as { id: string }[]).map(({ id }, index) => ({ id, token: tokens[index] ?? '' }));
}

/**
 * Starts `count` followers for the inbox of each of these people; they stop after the test.
 * @param urls the URLs of the nodes; a follower connects to the next one after each disconnect.
 */
export async function followAll(some: readonly Person[], count: number, urls: readonly string[]): Promise<Follower[]> {
  const followers = await Promise.all(
    some.flatMap((person, index) =>
      Array.from({ length: count }, (_, number) => {
        let next = index + number;
        const url = () => urls[next++ % urls.length] ?? '';
        return follow({ person, url, random: randomFor(`follower ${index} ${number}`) });
      }),
    ),
  );
  afterwards(() => Promise.all(followers.map((follower) => follower.stop())));
  return followers;
}

/** The differences between what followers received and what is stored. */
export interface Comparison {
  /** Stored versions that were not received. */
  readonly missing: readonly string[];
  /** Versions that were received twice. */
  readonly duplicated: readonly string[];
  /** Versions that were received after a later one. */
  readonly outOfOrder: readonly string[];
  /** Rows that differ between a follower and the table. */
  readonly wrongRows: readonly string[];
  /** Counts that differ from the number of rows. */
  readonly wrongCounts: readonly string[];
  /** Rows in a state that contradicts the responses that their writer got. */
  readonly unexpected: readonly string[];
  readonly faults: readonly string[];
}
export const noFaults: Comparison = {
  missing: [],
  duplicated: [],
  outOfOrder: [],
  wrongRows: [],
  wrongCounts: [],
  unexpected: [],
  faults: [],
};

interface Row {
  readonly id: string;
  readonly recipient_id: string;
  readonly version: number;
  readonly status: string;
  readonly subject: string;
  readonly is_read: boolean;
  readonly is_saved: boolean;
  readonly is_snoozed: boolean;
}
interface Inbox {
  readonly recipient_id: string;
  readonly version: number;
  readonly unread: number;
  readonly total: number;
}

/**
 * Writes once more to every inbox, waits until the followers have received these writes, and compares. There must be no
 * other writers.
 */
export async function compare(
  { databaseUrl, url }: { readonly databaseUrl: string; readonly url: string },
  followers: readonly Follower[],
  load?: Load,
): Promise<Comparison> {
  const recipients = [...new Set(followers.map(({ person }) => person.id))];
  const last =
    'mutation ($data: [create_directus_notifications_input!]) { create_notifications_items(data: $data) { id } }';
  await dataOf(ask(url, last, { data: recipients.map((recipient) => ({ recipient, subject: 'the last' })) }));
  const { rows, tombstones, inboxes } = await stored(databaseUrl);
  await Promise.all(
    followers.map((follower) => follower.until(inboxes.get(follower.person.id)?.version ?? follower.start)),
  );
  const found = {
    missing: [] as string[],
    duplicated: [] as string[],
    outOfOrder: [] as string[],
    wrongRows: [] as string[],
    wrongCounts: [] as string[],
    unexpected: load ? unexpectedRows(load, rows) : [],
    faults: followers.flatMap(({ faults }) => faults),
  };
  for (const { person, start, versions, rows: known, unread } of followers) {
    const own = rows.filter(({ recipient_id }) => recipient_id === person.id);
    const shown = own.filter(({ status }) => status === 'inbox');
    // A row archived before a follower received it is not in its replica.
    const states = [...shown, ...tombstones.filter(({ recipient_id }) => recipient_id === person.id)];
    const received = new Set(versions);
    const say = (list: string[], what: string) => list.push(`${person.id}: ${what}`);
    for (const { version } of states) if (version > start && !received.has(version)) say(found.missing, `${version}`);
    versions.forEach((version, index) => {
      const before = versions.slice(0, index);
      if (before.includes(version)) say(found.duplicated, `${version}`);
      else if (before.some((other) => other > version)) say(found.outOfOrder, `${version}`);
    });
    for (const { id, subject, is_read } of shown) {
      const row = known.get(id);
      if (row?.subject !== subject || row.isRead !== is_read) say(found.wrongRows, `row ${id}`);
    }
    for (const id of known.keys())
      if (!shown.some((row) => row.id === id)) say(found.wrongRows, `row ${id} does not exist`);
    const inbox = inboxes.get(person.id);
    const counted = shown.filter(({ is_read }) => !is_read).length;
    if (unread() !== counted) say(found.wrongCounts, `received ${unread()} unread of ${counted}`);
    if ((inbox?.unread ?? 0) !== counted) say(found.wrongCounts, `stored ${inbox?.unread} unread of ${counted}`);
    if ((inbox?.total ?? 0) !== shown.length) say(found.wrongCounts, `stored ${inbox?.total} of ${shown.length}`);
  }
  return found;
}

/** The rows that are in none of their possible states. */
function unexpectedRows({ states }: Load, rows: readonly Row[]): string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...states].flatMap(([key, possible]) => {
    const row = byId.get(key);
    const isPossible = possible.some((state) =>
      state === deleted || row === undefined
        ? state === deleted && row === undefined
        : state.recipient === row.recipient_id &&
          state.status === row.status &&
          state.isRead === row.is_read &&
          state.isSaved === row.is_saved &&
          state.isSnoozed === row.is_snoozed,
    );
    return isPossible ? [] : [`row ${key} is ${JSON.stringify(row)} and not ${JSON.stringify(possible)}`];
  });
}

async function stored(databaseUrl: string) {
  return asAdmin(databaseUrl, async (client) => {
    const rows = await client.query<Row>(
      `select id::text, recipient_id, version::int, status, subject, read_at is not null as is_read,
              saved_at is not null as is_saved, snoozed_until is not null as is_snoozed from notifications`,
    );
    const tombstones = await client.query<Pick<Row, 'recipient_id' | 'version'>>(
      'select recipient_id, version::int from notification_tombstones',
    );
    const inboxes = await client.query<Inbox>(
      'select recipient_id, version::int, unread::int, total::int from inboxes',
    );
    return {
      rows: rows.rows,
      tombstones: tombstones.rows,
      inboxes: new Map(inboxes.rows.map((inbox) => [inbox.recipient_id, inbox])),
    };
  });
}

/** The figures of a run. */
export function figuresOf(load: Load, followers: readonly Follower[], clientInboxes: readonly ClientInbox[] = []) {
  return {
    writes: load.acknowledged,
    'without an answer': load.unanswered,
    followers: followers.length + clientInboxes.length,
    events: followers.reduce((sum, { versions }) => sum + versions.length, 0),
    reconnects:
      followers.reduce((sum, follower) => sum + follower.reconnects(), 0) +
      clientInboxes.reduce((sum, one) => sum + one.errors(), 0),
    'longest ms': Math.max(...followers.map((follower) => follower.longest().ms)),
    'longest ms while connected': Math.max(...followers.map((follower) => follower.longest().connectedMs)),
  };
}
