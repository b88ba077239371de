import type { Database } from '../../src/database/database.ts';

/** What one committed write did to one notification, as the database saw it. */
export interface Deed {
  readonly seq: number;
  readonly kind: 'create' | 'update' | 'move' | 'delete';
  readonly id: number;
  /** Where it lies afterwards, or lay when it was deleted. */
  readonly recipient: string;
  /** The inbox that a move took it from. */
  readonly left: string | null;
  /** The version of the row afterwards, or before it was deleted. */
  readonly version: number;
}

/** Figures of an inbox after one of its writes. */
export interface Figures {
  readonly recipient: string;
  readonly version: number;
  readonly unread: number;
}

/** Somebody who sees every committed write, whatever the service tells of it. */
export interface Witness {
  /** The deeds since it was asked before; per notification and inbox in the order of the commits. */
  deeds(): Promise<Deed[]>;
  figures(): Promise<Figures[]>;
}

/** Sets a witness up in a database of its own: triggers that write down, in the transaction, what happens. */
export async function aWitness(db: Database): Promise<Witness> {
  for (const text of setUp) await db.query({ text, values: [] });
  return {
    deeds: () =>
      db.query<Deed>({
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

/** Things by what they have in common, in their order; `Map.groupBy`, which Node 20 lacks. */
export function groupedBy<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item)) ?? [];
    groups.set(keyOf(item), group);
    group.push(item);
  }
  return groups;
}
