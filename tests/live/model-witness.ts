import type { Database } from '../../src/database/database.ts';

/** The effect of one committed write on one notification, as recorded by triggers. */
export interface Effect {
  readonly seq: number;
  readonly kind: 'create' | 'update' | 'move' | 'delete';
  readonly id: number;
  /** The recipient after the write, or before a delete. */
  readonly recipient: string;
  /** The inbox it was moved out of. */
  readonly left: string | null;
  /** The version of the row after the write, or before a delete. */
  readonly version: number;
}

/** The unread count of an inbox after one of its writes. */
export interface Figures {
  readonly recipient: string;
  readonly version: number;
  readonly unread: number;
}

/** Records every committed write, independent of what the service sends. */
export interface Witness {
  /** The writes since the previous call; per notification and inbox in commit order. */
  effects(): Promise<Effect[]>;
  /** All unread counts since the start. */
  figures(): Promise<Figures[]>;
}

/** Installs triggers that record writes in their own transaction. */
export async function aWitness(db: Database): Promise<Witness> {
  for (const text of setUp) await db.query({ text, values: [] });
  return {
    effects: () =>
      db.query<Effect>({
        text: `with seen as (delete from witness_deeds returning *) select * from seen order by seq`,
        values: [],
      }),
    figures: () => db.query<Figures>({ text: 'select recipient, version, unread from witness_figures', values: [] }),
  };
}

const setUp = [
  `create table witness_deeds (
     seq bigserial, kind text, id bigint, recipient uuid, "left" uuid, version bigint)`,
  `create table witness_figures (recipient uuid, version bigint, unread bigint, primary key (recipient, version))`,
  `create function witness_deed() returns trigger language plpgsql as $$
   begin
     if tg_op = 'INSERT' then
       insert into witness_deeds (kind, id, recipient, version) values ('create', new.id, new.recipient_id, new.version);
     elsif tg_op = 'DELETE' then
       insert into witness_deeds (kind, id, recipient, version) values ('delete', old.id, old.recipient_id, old.version);
     elsif old.recipient_id = new.recipient_id then
       insert into witness_deeds (kind, id, recipient, version) values ('update', new.id, new.recipient_id, new.version);
     else
       insert into witness_deeds (kind, id, recipient, "left", version)
       values ('move', new.id, new.recipient_id, old.recipient_id, new.version);
     end if;
     return null;
   end $$`,
  `create trigger witness_deed after insert or update or delete on notifications
   for each row execute function witness_deed()`,
  `create function witness_figure() returns trigger language plpgsql as $$
   begin
     insert into witness_figures values (new.recipient_id, new.version, new.unread) on conflict do nothing;
     return null;
   end $$`,
  `create trigger witness_figure after insert or update on inboxes for each row execute function witness_figure()`,
];

/** Groups items by key in order, like `Map.groupBy`, which Node 20 lacks. */
export function groupedBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
}
