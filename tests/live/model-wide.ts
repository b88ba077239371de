import type { Viewer } from '../../src/auth/viewer.ts';
import type { Mutations } from '../../src/live/events/mutations.ts';
import type { VisibleChange } from '../../src/notifications/changes.ts';
import { type Deed, groupedBy } from './model-witness.ts';

type Kind = VisibleChange['kind'];

/** An event in short, and the version of its row. */
export interface Heard {
  readonly kind: Kind;
  readonly id: number;
  readonly version: number | null;
}

/** Somebody who hears of all notifications they may see. */
export interface Listener {
  readonly name: string;
  readonly node: number;
  /** Whose inbox; null: everybody's. */
  readonly of: string | null;
  readonly kind: Kind | null;
  /** What was heard since it was asked before. */
  take(): Heard[];
  has(kind: Kind, ids: readonly number[]): boolean;
  /** How it ended, if it did. */
  ending(): string | null;
  end(): Promise<void>;
}

export async function aListener(
  mutations: Mutations,
  { node, of, kind, onHeard }: Pick<Listener, 'node' | 'of' | 'kind'> & { readonly onHeard: () => void },
  admin: Viewer,
): Promise<Listener> {
  const viewer: Viewer = of === null ? admin : { kind: 'user', id: of, role: 'member' };
  const events = await mutations.subscribe(viewer, kind);
  const heard: Heard[] = [];
  const keys = new Set<string>();
  let ending: string | null = null;
  const hearing = (async () => {
    for await (const event of events) {
      const row = event.kind === 'delete' ? null : event.notification;
      const id = event.kind === 'delete' ? event.id : event.notification.id;
      heard.push({ kind: event.kind, id, version: row?.version ?? null });
      keys.add(`${event.kind} ${id}`);
      onHeard();
    }
    ending = 'it ended';
  })().catch((error: unknown) => {
    ending = `it ended with ${error}`;
    onHeard();
  });
  return {
    name: `${of === null ? 'admin' : 'member'} on node ${node}, ${kind ?? 'all kinds'}`,
    node,
    of,
    kind,
    take: () => heard.splice(0),
    has: (wanted, ids) => ids.every((id) => keys.has(`${wanted} ${id}`)),
    ending: () => ending,
    async end() {
      await events.return?.();
      await hearing;
    },
  };
}

/** A deed as one listener sees it. */
interface Due {
  /** What it may be told as; the first when nothing else happened meanwhile. */
  readonly kinds: readonly Kind[];
  /** It may be left to a later deed that took the notification away, or brought it back. */
  readonly isOptional: boolean;
  readonly version: number;
}

/** Who is not there any more: with an inbox go the traces of what was moved out of it. */
type Departed = ReadonlySet<string>;

function dueOf(deeds: readonly Deed[], of: string | null, departed: Departed): Due[] {
  const seen = of === null ? deeds : deeds.filter(({ left, recipient }) => left === of || recipient === of);
  const isLeaving = ({ kind, left }: Deed) => kind === 'delete' || (kind === 'move' && (of === null || left === of));
  const isArriving = ({ kind, recipient }: Deed) => kind === 'move' && recipient === of;
  const lastLeaving = seen.findLastIndex(isLeaving);
  const lastArriving = seen.findLastIndex(isArriving);
  const isGone = deeds.at(-1)?.kind === 'delete';
  return seen.map((deed, place) => ({
    kinds: of === null ? kindsForAdmins(deed, isGone, departed) : [kindFor(deed, of)],
    isOptional: deed.kind !== 'delete' && (place < lastLeaving || (isLeaving(deed) && place < lastArriving)),
    version: deed.version,
  }));
}

function kindFor({ kind, left }: Deed, of: string): Kind {
  if (kind === 'move') return left === of ? 'delete' : 'create';
  return kind;
}

/** Whoever sees all inboxes is told of a move by where the notification lies now. */
function kindsForAdmins({ kind, left }: Deed, isGone: boolean, departed: Departed): Kind[] {
  if (kind !== 'move') return [kind];
  return ['update', ...(isGone ? ['delete' as const] : []), ...(departed.has(left ?? '') ? ['create' as const] : [])];
}

/** What is wrong with what was heard, given what was done: an event that is missing, one too many, or a false end. */
export function faultsOf(
  { name, of, kind }: Listener,
  heard: readonly Heard[],
  deeds: readonly Deed[],
  departed: Departed,
): string[] {
  const done = groupedBy(deeds, ({ id }) => id);
  const told = groupedBy(heard, ({ id }) => id);
  return [...new Set([...done.keys(), ...told.keys()])].flatMap((id) => {
    const due = dueOf(done.get(id) ?? [], of, departed);
    const events = told.get(id) ?? [];
    if (isEach(events, due, kind) && (kind !== null || isTrue(events, due))) return [];
    const wanted = due.map(({ kinds, isOptional }) => kinds.join('|') + (isOptional ? '?' : ''));
    return [`${name}: of ${id} it heard [${events.map((one) => `${one.kind} ${one.version}`)}] for [${wanted}]`];
  });
}

/** Whether every deed is told once, whatever the order: writes of one moment may overtake each other on their way. */
function isEach(events: readonly Heard[], due: readonly Due[], only: Kind | null): boolean {
  return (['create', 'update', 'delete'] as const).every((kind) => {
    const count = events.filter((event) => event.kind === kind).length;
    if (only !== null && only !== kind) return count === 0;
    const most = due.filter(({ kinds }) => kinds.includes(kind)).length;
    const least = due.filter(({ kinds, isOptional }) => kinds.length === 1 && kinds[0] === kind && !isOptional).length;
    return count >= least && count <= most;
  });
}

/** Whether there are no more events than deeds, and who puts each event in place has the truth after the last one. */
function isTrue(events: readonly Heard[], due: readonly Due[]): boolean {
  const last = events.at(-1);
  const final = due.at(-1);
  if (last === undefined || final === undefined)
    return due.every(({ isOptional }) => isOptional) && events.length === 0;
  const isGone = final.kinds[0] === 'delete';
  return (
    events.length <= due.length &&
    events.length >= due.filter(({ isOptional }) => !isOptional).length &&
    (isGone ? last.kind === 'delete' : last.version === final.version)
  );
}
