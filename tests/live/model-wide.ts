import { userViewer, type Viewer } from '../../src/auth/viewer.ts';
import type { NotificationEvents } from '../../src/live/events/notification-events.ts';
import type { VisibleEvent } from '../../src/notifications/write-events.ts';
import { type Effect, groupedBy } from './model-witness.ts';

type Kind = VisibleEvent['kind'];

/** An event in short, with the version of its row. */
export interface ReceivedEvent {
  readonly kind: Kind;
  readonly id: number;
  readonly version: number | null;
}

/** A client that subscribes to events of all notifications it may see. */
export interface Listener {
  readonly name: string;
  readonly node: number;
  /** The recipient whose events it may see; null: all events. */
  readonly of: string | null;
  readonly kind: Kind | null;
  /** Events since the previous call. */
  take(): ReceivedEvent[];
  has(kind: Kind, ids: readonly number[]): boolean;
  /** How the subscription ended, if it did. */
  ending(): string | null;
  end(): Promise<void>;
}

export async function aListener(
  events: NotificationEvents,
  { node, of, kind, onEvent }: Pick<Listener, 'node' | 'of' | 'kind'> & { readonly onEvent: () => void },
  admin: Viewer,
): Promise<Listener> {
  const viewer: Viewer = of === null ? admin : userViewer(of, 'member');
  const stream = await events.subscribe(viewer, kind);
  const received: ReceivedEvent[] = [];
  const keys = new Set<string>();
  let ending: string | null = null;
  const reading = (async () => {
    for await (const event of stream) {
      const row = event.kind === 'delete' ? null : event.notification;
      const id = event.kind === 'delete' ? event.id : event.notification.id;
      received.push({ kind: event.kind, id, version: row?.version ?? null });
      keys.add(`${event.kind} ${id}`);
      onEvent();
    }
    ending = 'it ended';
  })().catch((error: unknown) => {
    ending = `it ended with ${error}`;
    onEvent();
  });
  return {
    name: `${of === null ? 'admin' : 'member'} on node ${node}, ${kind ?? 'all kinds'}`,
    node,
    of,
    kind,
    take: () => received.splice(0),
    has: (wanted, ids) => ids.every((id) => keys.has(`${wanted} ${id}`)),
    ending: () => ending,
    async end() {
      await stream.return?.();
      await reading;
    },
  };
}

/** The event that one listener should receive for a write. */
interface Due {
  readonly kind: Kind;
  /** True if the event may be missing, because a later write removed the notification or brought it back. */
  readonly isOptional: boolean;
  readonly version: number;
}

function dueOf(effects: readonly Effect[], of: string | null): Due[] {
  const seen = of === null ? effects : effects.filter(({ left, recipient }) => left === of || recipient === of);
  const isLeaving = ({ kind, left }: Effect) => kind === 'delete' || (kind === 'move' && (of === null || left === of));
  const isArriving = ({ kind, recipient }: Effect) => kind === 'move' && recipient === of;
  const lastLeaving = seen.findLastIndex(isLeaving);
  const lastArriving = seen.findLastIndex(isArriving);
  return seen.map((effect, index) => ({
    kind: kindFor(effect, of),
    isOptional: effect.kind !== 'delete' && (index < lastLeaving || (isLeaving(effect) && index < lastArriving)),
    version: effect.version,
  }));
}

/** A viewer of all inboxes gets a move as an update. */
function kindFor({ kind, left }: Effect, of: string | null): Kind {
  if (kind !== 'move') return kind;
  if (of === null) return 'update';
  return left === of ? 'delete' : 'create';
}

/** Differences between events and writes: missing events, extra events, or a wrong final state. */
export function faultsOf(
  { name, of, kind }: Listener,
  received: readonly ReceivedEvent[],
  effects: readonly Effect[],
): string[] {
  const done = groupedBy(effects, ({ id }) => id);
  const byId = groupedBy(received, ({ id }) => id);
  return [...new Set([...done.keys(), ...byId.keys()])].flatMap((id) => {
    const due = dueOf(done.get(id) ?? [], of);
    const events = byId.get(id) ?? [];
    if (hasOneEventEach(events, due, kind) && (kind !== null || endsInTrueState(events, due))) return [];
    const wanted = due.map((one) => one.kind + (one.isOptional ? '?' : ''));
    return [
      `${name}: for notification ${id} it received [${events.map((one) => `${one.kind} ${one.version}`)}], expected [${wanted}]`,
    ];
  });
}

/** Whether each write has one event. Their order is not checked, because concurrent writes may overtake each other. */
function hasOneEventEach(events: readonly ReceivedEvent[], due: readonly Due[], only: Kind | null): boolean {
  return (['create', 'update', 'delete'] as const).every((kind) => {
    const count = events.filter((event) => event.kind === kind).length;
    if (only !== null && only !== kind) return count === 0;
    const possible = due.filter((one) => one.kind === kind);
    return count <= possible.length && count >= possible.filter(({ isOptional }) => !isOptional).length;
  });
}

/** Whether there are no more events than writes, and a client that applies them in order ends in the true state. */
function endsInTrueState(events: readonly ReceivedEvent[], due: readonly Due[]): boolean {
  const last = events.at(-1);
  const final = due.at(-1);
  if (last === undefined || final === undefined)
    return due.every(({ isOptional }) => isOptional) && events.length === 0;
  const isGone = final.kind === 'delete';
  return (
    events.length <= due.length &&
    events.length >= due.filter(({ isOptional }) => !isOptional).length &&
    (isGone ? last.kind === 'delete' : last.version === final.version)
  );
}
