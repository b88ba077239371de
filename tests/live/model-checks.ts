import type { Database } from '../../src/database/database.ts';
import type { Replica, Shown } from './model-replica.ts';
import { type Figures, groupedBy } from './model-witness.ts';

/** The rows of an inbox in the table. */
export interface Table {
  readonly version: number;
  readonly unseen: number;
  readonly rows: readonly {
    readonly id: number;
    readonly version: number;
    readonly isRead: boolean;
    readonly targets: readonly string[];
    readonly template: string | null;
  }[];
}

/** The inboxes of existing users. */
export async function tableOf(db: Database, users: readonly string[]): Promise<Map<string, Table>> {
  const rows = await db.query<{ id: string; version: number; unseen: number; rows: Table['rows'] | null }>({
    text: `
      select users.id, coalesce(inboxes.version, 0) as version, (
        select count(*)::int from notifications n
        where n.recipient_id = users.id and n.status = 'inbox' and n.read_at is null
          and coalesce(n.shown_version, n.created_version) > coalesce(inboxes.seen_version, 0)
      ) as unseen, (
        select json_agg(json_build_object('id', n.id, 'version', n.version, 'isRead', n.read_at is not null,
                                          'targets', n.targets, 'template', n.template_id))
        from notifications n where n.recipient_id = users.id and n.status = 'inbox'
      ) as rows
      from users left join inboxes on inboxes.recipient_id = users.id where users.id = any ($1::uuid[])`,
    values: [users],
  });
  return new Map(rows.map(({ id, version, unseen, rows: found }) => [id, { version, unseen, rows: found ?? [] }]));
}

/**
 * Compares two states of a replica with the table: the one just before the last write of a phase (the marker), and the
 * current one. Returns the differences.
 */
export function differences({ filter, atEnd, now, recipient }: Replica, table: Table | undefined): string[] {
  if (table === undefined) return [`${recipient} has no inbox`];
  const { read_status: status, targets, templates } = filter;
  const wanted = table.rows.filter(
    (row) =>
      (status === undefined || status === null || status === 'all' || row.isRead === (status === 'read')) &&
      (targets ?? []).every((target) => row.targets.includes(target)) &&
      (!templates || (row.template !== null && templates.includes(row.template))),
  );
  const { unseen } = now();
  const count = table.rows.filter(({ isRead }) => !isRead).length;
  const text = (rows: Iterable<readonly [number, number]>) => JSON.stringify([...rows].sort(([a], [b]) => a - b));
  const right = text(wanted.map(({ id, version }) => [id, version]));
  const compare = (what: string, shown: Shown | undefined, isCounting: boolean) =>
    shown === undefined
      ? []
      : [
          ...(text(shown.rows) === right
            ? []
            : [`${what} ${text(shown.rows)} for ${right} of ${JSON.stringify(filter)}`]),
          ...(isCounting && shown.unread !== count ? [`${what} ${shown.unread} unread, expected ${count}`] : []),
        ];
  // A replica with a filter learns the unread count only from changes that match. The last write matches every filter.
  return [
    ...compare('before the marker', atEnd(), Object.keys(filter).length === 0),
    ...compare('in the end', now(), true),
    // Seen notifications take a version that no row has: the next change may bring the count.
    ...(unseen === undefined || unseen === table.unseen ? [] : [`${unseen} unseen, expected ${table.unseen}`]),
  ];
}

/** Unread counts that were sent although the inbox did not have them at that version or later. */
export function falseCounts(replicas: readonly Replica[], figures: readonly Figures[]): string[] {
  const byInbox = groupedBy(figures, ({ recipient }) => recipient);
  return replicas.flatMap(({ recipient, received }) => {
    const own = byInbox.get(recipient) ?? [];
    return received
      .filter(({ change, version }) => !own.some((one) => one.version >= version && one.unread === change.unread))
      .map(
        ({ change, version }) => `${change.unread} unread received at ${version}, but the inbox never had this count`,
      );
  });
}

/** Waits for conditions, and checks them again whenever `notify` is called. */
export function aConditionWaiter(timeoutMs: number) {
  const waiting = new Set<() => void>();
  return {
    notify() {
      for (const look of [...waiting]) look();
    },
    /** Waits until the condition holds; adds a fault on timeout. */
    until: (check: () => boolean, fault: () => string, faults: string[]) =>
      new Promise<void>((resolve) => {
        const finish = () => {
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        const look = () => {
          if (check()) finish();
        };
        const timer = setTimeout(() => {
          faults.push(fault());
          finish();
        }, timeoutMs);
        waiting.add(look);
        look();
      }),
  };
}
