import type { Person } from '../support/app.ts';
import { asAdmin } from '../support/server.ts';
import { afterwards } from './afterwards.ts';
import { lotFor } from './live-figures.ts';
import { type Follower, follow } from './live-follower.ts';
import type { Mirror } from './live-mirrors.ts';
import { ask, dataOf } from './live-requests.ts';
import { gone, type Load } from './live-writers.ts';

let made = 0;

/** So many new members, made through a node. */
export async function people(url: string, count: number): Promise<Person[]> {
  made += 1;
  const tokens = Array.from({ length: count }, (_, place) => `the-token-of-${made}-${place}`);
  const query = 'mutation ($data: [create_directus_users_input!]) { create_users_items(data: $data) { id } }';
  const data = await dataOf(ask(url, query, { data: tokens.map((token) => ({ token })) }));
  return (data.create_users_items as { id: string }[]).map(({ id }, place) => ({ id, token: tokens[place] ?? '' }));
}

/**
 * Followers of these people's inboxes, `count` of each; they stop after the test.
 * @param urls the ways to the service: a follower begins with one of them and takes the next whenever it comes back.
 */
export async function followAll(some: readonly Person[], count: number, urls: readonly string[]): Promise<Follower[]> {
  const followers = await Promise.all(
    some.flatMap((person, place) =>
      Array.from({ length: count }, (_, number) => {
        let next = place + number;
        const url = () => urls[next++ % urls.length] ?? '';
        return follow({ person, url, lot: lotFor(`follower ${place} ${number}`) });
      }),
    ),
  );
  afterwards(() => Promise.all(followers.map((follower) => follower.stop())));
  return followers;
}

/** What followers were told, held against what is stored. Nothing is said of what is right. */
export interface Verdict {
  /** States that are stored and were not told. */
  readonly lost: readonly string[];
  /** Versions that were told again. */
  readonly duplicated: readonly string[];
  /** Versions that came after a later one. */
  readonly disordered: readonly string[];
  /** Rows that differ between a follower and the store. */
  readonly untrue: readonly string[];
  /** Counts that differ from counting. */
  readonly miscounted: readonly string[];
  /** Rows that are not as a writer was told they are. */
  readonly broken: readonly string[];
  readonly faults: readonly string[];
}
export const flawless: Verdict = {
  lost: [],
  duplicated: [],
  disordered: [],
  untrue: [],
  miscounted: [],
  broken: [],
  faults: [],
};

interface Row {
  readonly id: string;
  readonly recipient_id: string;
  readonly version: number;
  readonly status: string;
  readonly subject: string;
  readonly is_read: boolean;
}
interface Inbox {
  readonly recipient_id: string;
  readonly version: number;
  readonly unread: number;
  readonly total: number;
}

/**
 * Writes once more to every inbox, waits until the followers have been told of that, and compares. Nobody else may write
 * any more.
 */
export async function judge(
  { databaseUrl, url }: { readonly databaseUrl: string; readonly url: string },
  followers: readonly Follower[],
  load?: Load,
): Promise<Verdict> {
  const recipients = [...new Set(followers.map(({ person }) => person.id))];
  const last =
    'mutation ($data: [create_directus_notifications_input!]) { create_notifications_items(data: $data) { id } }';
  await dataOf(ask(url, last, { data: recipients.map((recipient) => ({ recipient, subject: 'the last' })) }));
  const { rows, tombstones, inboxes } = await stored(databaseUrl);
  await Promise.all(
    followers.map((follower) => follower.until(inboxes.get(follower.person.id)?.version ?? follower.start)),
  );
  const verdict = {
    lost: [] as string[],
    duplicated: [] as string[],
    disordered: [] as string[],
    untrue: [] as string[],
    miscounted: [] as string[],
    broken: load ? brokenOf(load, rows) : [],
    faults: followers.flatMap(({ faults }) => faults),
  };
  for (const { person, start, versions, rows: known, unread } of followers) {
    const own = rows.filter(({ recipient_id }) => recipient_id === person.id);
    const shown = own.filter(({ status }) => status === 'inbox');
    // What was archived before a follower was told of it is nothing to it.
    const states = [...shown, ...tombstones.filter(({ recipient_id }) => recipient_id === person.id)];
    const told = new Set(versions);
    const say = (list: string[], what: string) => list.push(`${person.id}: ${what}`);
    for (const { version } of states) if (version > start && !told.has(version)) say(verdict.lost, `${version}`);
    versions.forEach((version, place) => {
      const before = versions.slice(0, place);
      if (before.includes(version)) say(verdict.duplicated, `${version}`);
      else if (before.some((other) => other > version)) say(verdict.disordered, `${version}`);
    });
    for (const { id, subject, is_read } of shown) {
      const row = known.get(id);
      if (row?.subject !== subject || row.isRead !== is_read) say(verdict.untrue, `row ${id}`);
    }
    for (const id of known.keys()) if (!shown.some((row) => row.id === id)) say(verdict.untrue, `row ${id} is no more`);
    const inbox = inboxes.get(person.id);
    const counted = shown.filter(({ is_read }) => !is_read).length;
    if (unread() !== counted) say(verdict.miscounted, `told ${unread()} unread of ${counted}`);
    if ((inbox?.unread ?? 0) !== counted) say(verdict.miscounted, `kept ${inbox?.unread} unread of ${counted}`);
    if ((inbox?.total ?? 0) !== shown.length) say(verdict.miscounted, `kept ${inbox?.total} of ${shown.length}`);
  }
  return verdict;
}

/** The rows that are in none of the ways they may be. */
function brokenOf({ ways }: Load, rows: readonly Row[]): string[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return [...ways].flatMap(([key, possible]) => {
    const row = byId.get(key);
    const isPossible = possible.some((way) =>
      way === gone || row === undefined
        ? way === gone && row === undefined
        : way.recipient === row.recipient_id && way.status === row.status && way.isRead === row.is_read,
    );
    return isPossible ? [] : [`row ${key} is ${JSON.stringify(row)} and not ${JSON.stringify(possible)}`];
  });
}

async function stored(databaseUrl: string) {
  return asAdmin(databaseUrl, async (client) => {
    const rows = await client.query<Row>(
      `select id::text, recipient_id, version::int, status, subject, read_at is not null as is_read from notifications`,
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
export function figuresOf(load: Load, followers: readonly Follower[], mirrors: readonly Mirror[] = []) {
  return {
    writes: load.acknowledged,
    'without an answer': load.unsure,
    followers: followers.length + mirrors.length,
    events: followers.reduce((sum, { versions }) => sum + versions.length, 0),
    reconnects:
      followers.reduce((sum, follower) => sum + follower.reconnects(), 0) +
      mirrors.reduce((sum, mirror) => sum + mirror.breaks(), 0),
    'longest ms': Math.max(...followers.map((follower) => follower.longest().ms)),
    'longest ms while connected': Math.max(...followers.map((follower) => follower.longest().connectedMs)),
  };
}
