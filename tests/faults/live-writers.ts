import { setTimeout as delay } from 'node:timers/promises';
import type { Person } from '../support/app.ts';
import { aBulkAction, anUndo, changeInbox, undoOperation } from './live-bulk-writes.ts';
import { randomFor } from './live-figures.ts';
import { ask } from './live-requests.ts';
import { deleted, type State } from './live-states.ts';
import { newSubject } from './live-subjects.ts';

/** The writes of a run and their possible results. */
export interface Load {
  /** The possible states of each created key. */
  readonly states: ReadonlyMap<string, readonly (State | typeof deleted)[]>;
  /** The events that wide subscriptions must receive, such as `update 12`, and how often. */
  readonly events: ReadonlyMap<string, number>;
  /** Keys that may have moved to another inbox. */
  readonly moved: ReadonlySet<string>;
  /** For each key, the URL of the node that created it, and the number of updates by other nodes. */
  readonly origins: ReadonlyMap<string, { readonly created: string; readonly elsewhere: number }>;
  readonly acknowledged: number;
  readonly unanswered: number;
}

export interface LoadOptions {
  /** Distinguishes the random choices of this load. */
  readonly name: string;
  readonly recipients: readonly string[];
  /**
   * Recipients who archive, snooze, save and undo in their own inboxes; default: none. `events` does not tell which of
   * these writes changed nothing.
   */
  readonly owners?: readonly Person[];
  /** The URLs of the nodes; a writer continues with the next one after a failure. */
  readonly urls: readonly string[];
  /** The number of acknowledged writes after which the load ends. */
  readonly writes: number;
  readonly writers?: number;
  /** Called after every response or failure. */
  readonly onWrite?: (soFar: Pick<Load, 'acknowledged' | 'unanswered'>) => void;
}

const create = `mutation ($data: [create_directus_notifications_input!]) {
  create_notifications_items(data: $data) { id recipient { id } } }`;
const read =
  'mutation ($id: ID!, $isRead: Boolean!) { set_notification_read_status(id: $id, is_read: $isRead) { kind } }';
const update = `mutation ($ids: [ID]!, $data: update_directus_notifications_input!) {
  update_notifications_items(ids: $ids, data: $data) { id } }`;
const remove = 'mutation ($ids: [ID]!) { delete_notifications_items(ids: $ids) { ids } }';

/** Mean wait before the next request after a failure, in milliseconds. */
const retryMs = 40;
/**
 * The number of newest rows that a writer does not move, archive or delete: if a row left its inbox before the events
 * of its earlier writes were read, these events would not be the expected ones.
 */
const recentRows = 12;

/**
 * Runs concurrent writers on the same inboxes, each with its own notifications, until enough writes are
 * acknowledged. A write without a response is not repeated, since it may have been done.
 */
export async function write(options: LoadOptions): Promise<Load> {
  const { name, recipients, urls, writes, writers = 4, owners = [], onWrite } = options;
  const states = new Map<string, (State | typeof deleted)[]>();
  const events = new Map<string, number>();
  const moved = new Set<string>();
  const origins = new Map<string, { created: string; elsewhere: number }>();
  const load = { states, events, moved, origins, acknowledged: 0, unanswered: 0 };
  let begun = 0;

  async function run(writer: number): Promise<void> {
    const random = randomFor(`${name} ${writer}`);
    /** The keys of this writer, oldest first. */
    const keys: string[] = [];
    let index = writer;

    async function send(query: string, variables: object, planned: PlannedWrite): Promise<void> {
      begun += 1;
      const url = urls[index % urls.length] ?? '';
      const answer = await ask(url, query, variables, planned.token);
      if (answer.kind === 'refused') throw new Error(`${answer.code} ${answer.message} ${JSON.stringify(variables)}`);
      const isDone = answer.kind === 'done';
      for (const key of planned.keys) {
        const known = states.get(key) ?? [];
        const changed = known.map((state, place) => (state === deleted ? deleted : planned.change(state, key, place)));
        states.set(key, isDone ? changed : [...known, ...changed]);
        if (isDone) count(`${planned.event} ${key}`);
        const origin = origins.get(key);
        if (isDone && planned.event === 'update' && origin && origin.created !== url) origin.elsewhere += 1;
      }
      if (answer.kind === 'done') {
        planned.onDone?.(answer.data, url);
        load.acknowledged += 1;
        onWrite?.(load);
        // The next write may go to another node, so that events of several nodes concern the same keys.
        index += random.below(urls.length);
        return;
      }
      load.unanswered += 1;
      onWrite?.(load);
      begun -= 1;
      index += 1;
      await delay(retryMs * (0.5 + random.next()));
    }
    const count = (what: string) => events.set(what, (events.get(what) ?? 0) + 1);
    const old = () => keys.slice(0, Math.max(1, keys.length - recentRows));
    const some = (most: number, from: readonly string[] = keys) => [
      ...new Set(Array.from({ length: 1 + random.below(most) }, () => random.pick(from))),
    ];

    const kinds: readonly (readonly [number, () => Promise<void>])[] = [
      [45, () => createRows(1)],
      [10, () => createRows(6)],
      [
        25,
        () => {
          const isRead = random.below(3) > 0;
          const keys = some(1);
          return send(
            read,
            { id: keys[0], isRead },
            { event: 'update', keys, change: (state) => ({ ...state, isRead }) },
          );
        },
      ],
      [
        8,
        () => {
          const status = random.pick(['archived', 'archived', 'inbox']);
          const planned: PlannedWrite = {
            event: 'update',
            keys: some(4, old()),
            change: (state) => ({ ...state, status, isSnoozed: state.isSnoozed && status === 'archived' }),
          };
          return send(update, { ids: planned.keys, data: { status } }, planned);
        },
      ],
      [
        4,
        () => {
          const recipient = random.pick(recipients);
          const planned: PlannedWrite = {
            event: 'update',
            keys: some(2, old()),
            // What a recipient does with a notification does not move with it.
            change: (state) =>
              state.recipient === recipient ? state : { ...state, recipient, isSaved: false, isSnoozed: false },
          };
          for (const key of planned.keys) moved.add(key);
          return send(update, { ids: planned.keys, data: { recipient } }, planned);
        },
      ],
      [
        8,
        () => {
          const [key] = keys.length > recentRows ? keys.splice(random.below(keys.length - recentRows), 1) : [];
          if (key === undefined) return createRows(1);
          return send(remove, { ids: [key] }, { event: 'delete', keys: [key], change: () => deleted });
        },
      ],
      [owners.length > 0 ? 20 : 0, () => actInBulk()],
    ];
    const shares = kinds.reduce((sum, [share]) => sum + share, 0);

    async function actInBulk(): Promise<void> {
      const owner = random.pick(owners);
      const chosen = some(6, old());
      const former = new Map(chosen.map((key) => [key, states.get(key) ?? []]));
      const { variables, planned } = aBulkAction(random, owner, chosen);
      let operation: { readonly id: string; readonly changed: number } | undefined;
      await send(changeInbox, variables, {
        ...planned,
        onDone(answer) {
          operation = answer.change_inbox;
        },
      });
      if (operation === undefined || operation.changed === 0 || random.below(2) === 0) return;
      await send(undoOperation, { id: operation.id }, anUndo(owner, former));
    }

    function createRows(most: number): Promise<void> {
      const data = Array.from({ length: 1 + random.below(most) }, () => {
        const recipient = random.pick(recipients);
        return { recipient, subject: newSubject(recipient) };
      });
      return send(
        create,
        { data },
        {
          event: 'create',
          keys: [],
          change: (state) => state,
          onDone(answer, url) {
            for (const { id, recipient } of answer.create_notifications_items) {
              states.set(id, [
                { recipient: recipient.id, status: 'inbox', isRead: false, isSaved: false, isSnoozed: false },
              ]);
              keys.push(id);
              origins.set(id, { created: url, elsewhere: 0 });
              count(`create ${id}`);
            }
          },
        },
      );
    }

    while (begun < writes) {
      if (keys.length === 0) {
        await createRows(1);
        continue;
      }
      let ticket = random.below(shares);
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

/** One write: the event that it causes, the keys that it changes, and how it changes their state. */
interface PlannedWrite {
  readonly event: 'create' | 'update' | 'delete';
  readonly keys: readonly string[];
  /** @param place the place of the state among the possible ones */
  readonly change: (state: State, key: string, place: number) => State | typeof deleted;
  /** Whose write it is; default: the admin's. */
  readonly token?: string;
  // biome-ignore lint/suspicious/noExplicitAny: the document of the write determines its shape
  readonly onDone?: (data: any, url: string) => void;
}
