import type { Viewer } from '../../src/auth/viewer.ts';
import type { Mutations } from '../../src/live/mutations.ts';
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

/** An event that has to come, or may be left to a later one that took the notification away. */
interface Due {
  readonly kinds: readonly Kind[];
  readonly isOptional: boolean;
}

/** What a listener of every kind is to hear of one notification. */
function dueOf(deeds: readonly Deed[], of: string | null): Due[] {
  const seen = deeds.flatMap((deed): { kind: Kind; isLeaving: boolean; isMove: boolean }[] => {
    const isMove = deed.kind === 'move';
    if (of === null) {
      const kind = deed.kind === 'move' ? 'update' : deed.kind;
      return [{ kind, isLeaving: isMove || kind === 'delete', isMove }];
    }
    if (deed.left === of) return [{ kind: 'delete', isLeaving: true, isMove }];
    if (deed.recipient !== of) return [];
    const kind = deed.kind === 'move' ? 'create' : deed.kind;
    return [{ kind, isLeaving: kind === 'delete', isMove }];
  });
  const lastLeaving = seen.findLastIndex(({ isLeaving }) => isLeaving);
  const isGone = deeds.at(-1)?.kind === 'delete';
  return seen.map(({ kind, isMove }, place) => ({
    // Whoever sees all inboxes is told of a move by where the notification lies; when it lies nowhere, that it is gone.
    kinds: of === null && isMove && isGone ? [kind, 'delete'] : [kind],
    isOptional: place < lastLeaving && kind !== 'delete',
  }));
}

/** What is wrong with what was heard, given what was done. */
export function faultsOf(listener: Listener, heard: readonly Heard[], deeds: readonly Deed[]): string[] {
  const done = groupedBy(deeds, ({ id }) => id);
  const told = groupedBy(heard, ({ id }) => id);
  const faults: string[] = [];
  for (const id of new Set([...done.keys(), ...told.keys()])) {
    const due = dueOf(done.get(id) ?? [], listener.of).filter(
      ({ kinds }) => listener.kind === null || kinds.includes(listener.kind),
    );
    const events = (told.get(id) ?? []).map(({ kind }) => kind);
    const isRight =
      listener.kind === null
        ? fits(events, due)
        : fits(
            events,
            due.map((one) => loosened(one)),
          );
    if (isRight) continue;
    const wanted = due.map(({ kinds, isOptional }) => kinds.join('|') + (isOptional ? '?' : ''));
    faults.push(`${listener.name}: of ${id} it heard [${events}] for [${wanted}]`);
  }
  return faults;
}

/** Of one kind alone, what may come as another kind need not come. */
function loosened({ kinds, isOptional }: Due): Due {
  return { kinds, isOptional: isOptional || kinds.length > 1 };
}

/** Whether the events are those due, in their order, some of the optional ones left out. */
function fits(events: readonly Kind[], due: readonly Due[]): boolean {
  let place = events.length - 1;
  for (const { kinds, isOptional } of due.toReversed()) {
    const event = events[place];
    if (event !== undefined && kinds.includes(event)) place -= 1;
    else if (!isOptional) return false;
  }
  return place === -1;
}
