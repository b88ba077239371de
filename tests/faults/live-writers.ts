import { setTimeout as delay } from 'node:timers/promises';
import { lotFor } from './live-figures.ts';
import { ask } from './live-requests.ts';
import { newSubject } from './live-subjects.ts';

/** How a notification may be: one that a writer's answer got lost for has several ways to be. */
export interface Way {
  readonly recipient: string;
  readonly status: string;
  readonly isRead: boolean;
}
export const gone = 'gone';

/** What writers did, and what is known to have come of it. */
export interface Load {
  /** For each key that a writer was given, every way it may be. */
  readonly ways: ReadonlyMap<string, readonly (Way | typeof gone)[]>;
  /** What wide subscriptions must have been told of, such as `update 12`, and how often. */
  readonly told: ReadonlyMap<string, number>;
  /** Keys that may have gone to another inbox. */
  readonly moved: ReadonlySet<string>;
  /** For each key, the address of the node that created it, and how many updates other nodes answered. */
  readonly places: ReadonlyMap<string, { readonly created: string; readonly elsewhere: number }>;
  readonly acknowledged: number;
  readonly unsure: number;
}

export interface LoadOptions {
  /** Draws what is written. */
  readonly name: string;
  readonly recipients: readonly string[];
  /** The addresses of the nodes; a writer who gets no answer goes to the next one. */
  readonly urls: readonly string[];
  /** So many writes are acknowledged at the end. */
  readonly writes: number;
  readonly writers?: number;
  /** Called after every answer, and when there was none. */
  readonly onWrite?: (soFar: Pick<Load, 'acknowledged' | 'unsure'>) => void;
}

const create = `mutation ($data: [create_directus_notifications_input!]) {
  create_notifications_items(data: $data) { id recipient { id } } }`;
const read =
  'mutation ($id: ID!, $isRead: Boolean!) { set_notification_read_status(id: $id, is_read: $isRead) { kind } }';
const update = `mutation ($ids: [ID]!, $data: update_directus_notifications_input!) {
  update_notifications_items(ids: $ids, data: $data) { id } }`;
const remove = 'mutation ($ids: [ID]!) { delete_notifications_items(ids: $ids) { ids } }';

/** Waits for the next try, in milliseconds. */
const retryMs = 40;
/**
 * Rows that a writer lets grow old before it takes one of them out of its inbox: what goes before it is read is told in
 * another way.
 */
const youngest = 12;

/**
 * Writers who write at the same time to the same inboxes, each to notifications of its own, until enough is
 * acknowledged. A write without an answer is not repeated: it may have happened.
 */
export async function write(options: LoadOptions): Promise<Load> {
  const { name, recipients, urls, writes, writers = 4, onWrite } = options;
  const ways = new Map<string, (Way | typeof gone)[]>();
  const told = new Map<string, number>();
  const moved = new Set<string>();
  const places = new Map<string, { created: string; elsewhere: number }>();
  const load = { ways, told, moved, places, acknowledged: 0, unsure: 0 };
  let begun = 0;

  async function run(writer: number): Promise<void> {
    const lot = lotFor(`${name} ${writer}`);
    /** The keys that are this writer's, oldest first. */
    const keys: string[] = [];
    let place = writer;

    async function send(query: string, variables: object, attempt: Attempt): Promise<void> {
      begun += 1;
      const url = urls[place % urls.length] ?? '';
      const answer = await ask(url, query, variables);
      if (answer.kind === 'refused') throw new Error(`${answer.code} ${answer.message} ${JSON.stringify(variables)}`);
      const isDone = answer.kind === 'done';
      for (const key of attempt.keys) {
        const known = ways.get(key) ?? [];
        const changed = known.map((way) => (way === gone ? gone : attempt.become(way)));
        ways.set(key, isDone ? changed : [...known, ...changed]);
        if (isDone) count(`${attempt.event} ${key}`);
        const origin = places.get(key);
        if (isDone && attempt.event === 'update' && origin && origin.created !== url) origin.elsewhere += 1;
      }
      if (answer.kind === 'done') {
        attempt.onDone?.(answer.data, url);
        load.acknowledged += 1;
        onWrite?.(load);
        // Another node each time: the nodes hear of each other's writes.
        place += lot.below(urls.length);
        return;
      }
      load.unsure += 1;
      onWrite?.(load);
      begun -= 1;
      place += 1;
      await delay(retryMs * (0.5 + lot.next()));
    }
    const count = (what: string) => told.set(what, (told.get(what) ?? 0) + 1);
    const old = () => keys.slice(0, Math.max(1, keys.length - youngest));
    const some = (most: number, from: readonly string[] = keys) => [
      ...new Set(Array.from({ length: 1 + lot.below(most) }, () => lot.of(from))),
    ];

    const kinds: readonly (readonly [number, () => Promise<void>])[] = [
      [45, () => make(1)],
      [10, () => make(6)],
      [
        25,
        () => {
          const isRead = lot.below(3) > 0;
          const keys = some(1);
          return send(read, { id: keys[0], isRead }, { event: 'update', keys, become: (way) => ({ ...way, isRead }) });
        },
      ],
      [
        8,
        () => {
          const status = lot.of(['archived', 'archived', 'inbox']);
          const attempt: Attempt = { event: 'update', keys: some(4, old()), become: (way) => ({ ...way, status }) };
          return send(update, { ids: attempt.keys, data: { status } }, attempt);
        },
      ],
      [
        4,
        () => {
          const recipient = lot.of(recipients);
          const attempt: Attempt = { event: 'update', keys: some(2, old()), become: (way) => ({ ...way, recipient }) };
          for (const key of attempt.keys) moved.add(key);
          return send(update, { ids: attempt.keys, data: { recipient } }, attempt);
        },
      ],
      [
        8,
        () => {
          const [key] = keys.length > youngest ? keys.splice(lot.below(keys.length - youngest), 1) : [];
          if (key === undefined) return make(1);
          return send(remove, { ids: [key] }, { event: 'delete', keys: [key], become: () => gone });
        },
      ],
    ];

    function make(most: number): Promise<void> {
      const data = Array.from({ length: 1 + lot.below(most) }, () => {
        const recipient = lot.of(recipients);
        return { recipient, subject: newSubject(recipient) };
      });
      return send(
        create,
        { data },
        {
          event: 'create',
          keys: [],
          become: (way) => way,
          onDone(answer, url) {
            for (const { id, recipient } of answer.create_notifications_items) {
              ways.set(id, [{ recipient: recipient.id, status: 'inbox', isRead: false }]);
              keys.push(id);
              places.set(id, { created: url, elsewhere: 0 });
              count(`create ${id}`);
            }
          },
        },
      );
    }

    while (begun < writes) {
      if (keys.length === 0) {
        await make(1);
        continue;
      }
      let ticket = lot.below(100);
      const kind = kinds.find(([share]) => {
        ticket -= share;
        return ticket < 0;
      });
      await kind?.[1]();
    }
  }

  await Promise.all(Array.from({ length: writers }, (_, writer) => run(writer)));
  return load;
}

/** What a write is to do. */
interface Attempt {
  readonly event: 'create' | 'update' | 'delete';
  readonly keys: readonly string[];
  readonly become: (way: Way) => Way | typeof gone;
  // biome-ignore lint/suspicious/noExplicitAny: the document of the write says what it is
  readonly onDone?: (data: any, url: string) => void;
}
