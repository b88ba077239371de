/** Where a notification is. A snoozed one is archived and returns to the inbox by itself. */
export type InboxItemState = 'inbox' | 'snoozed' | 'archived';

/** One notification of the inbox. */
export interface InboxItem {
  /** The integer key as text. */
  readonly id: string;
  readonly uuid: string;
  readonly timestamp: string | null;
  readonly status: string | null;
  readonly state: InboxItemState;
  readonly read_at: string | null;
  readonly seen: boolean;
  readonly saved_at: string | null;
  readonly snoozed_until: string | null;
  readonly archived_at: string | null;
  readonly expires_at: string | null;
  readonly shown_at: string | null;
  readonly subject: string;
  /** Markdown. */
  readonly message: string | null;
  readonly icon: string;
  readonly actions: readonly { readonly label: string; readonly url: string }[];
  readonly template_id: string | null;
  readonly targets: readonly string[];
  readonly collection: string | null;
  readonly item: string | null;
}

/** Conditions on notifications, all of which must hold. Omitted fields and empty lists do not restrict. */
export interface ItemConditions {
  readonly states?: readonly InboxItemState[];
  readonly saved?: boolean;
  readonly read?: boolean;
  /** Only notifications with all of these targets. */
  readonly targets?: readonly string[];
  /** Only notifications of these templates. */
  readonly templates?: readonly string[];
  /** Only notifications that do not fulfil these. */
  readonly not?: ItemConditions;
}

/** Which notifications to show; `states` defaults to `inbox`. The counts are always those of the whole inbox. */
export interface InboxFilter extends ItemConditions {
  /** The same as `read`. */
  readonly read_status?: 'all' | 'read' | 'unread';
  /** Only notifications with this text in the subject or the message. */
  readonly search?: string;
  /** Only notifications whose template is in one of these categories. */
  readonly categories?: readonly string[];
}

/** A filter as the service takes it for pages. */
export type PageConditions = Omit<InboxFilter, 'read_status'>;

/** The filter as the service takes it. */
export function conditionsOf({ read_status, ...filter }: InboxFilter): PageConditions {
  if (read_status === undefined || read_status === 'all') return filter;
  return { read: read_status === 'read', ...filter };
}

/** The conditions that the stream takes and `isListed` evaluates. */
export function streamedConditionsOf({ search, categories, ...conditions }: PageConditions): ItemConditions {
  return conditions;
}

/** Whether only the service knows what matches. */
export function isPageOnly({ search, categories }: PageConditions): boolean {
  return Boolean(search) || Boolean(categories?.length);
}

/** Whether the service would list the item with these conditions. */
export function isListed(item: InboxItem, { states, ...conditions }: ItemConditions): boolean {
  return (states?.length ? states : ['inbox']).includes(item.state) && fulfils(item, conditions);
}

function fulfils(item: InboxItem, { states, saved, read, targets, templates, not }: ItemConditions): boolean {
  return (
    (!states?.length || states.includes(item.state)) &&
    (saved === undefined || saved === (item.saved_at !== null)) &&
    (read === undefined || read === (item.read_at !== null)) &&
    (!targets?.length || targets.every((target) => item.targets.includes(target))) &&
    (!templates?.length || (item.template_id !== null && templates.includes(item.template_id))) &&
    (not === undefined || !fulfils(item, not))
  );
}

/** What can be done with notifications of an inbox. */
export type InboxAction =
  | 'read'
  | 'unread'
  | 'archive'
  | 'unarchive'
  | 'save'
  | 'unsave'
  | 'snooze'
  | 'unsnooze'
  | 'delete';

/** Returns the item after a change; undefined removes it. */
export type ItemChange = (item: InboxItem) => InboxItem | undefined;

/** What an action makes of a notification. @param until for `snooze` */
export function changeOf(action: InboxAction, until: string | null = null): ItemChange {
  const now = new Date().toISOString();
  // What returns by hand is not new.
  const toInbox = { status: 'inbox', state: 'inbox', archived_at: null, snoozed_until: null, seen: true } as const;
  const changes: Readonly<Record<InboxAction, ItemChange>> = {
    read: (item) => ({ ...item, read_at: item.read_at ?? now, seen: true }),
    unread: (item) => ({ ...item, read_at: null }),
    archive: (item) => ({
      ...item,
      status: 'archived',
      state: 'archived',
      archived_at: item.archived_at ?? now,
      snoozed_until: null,
      seen: true,
    }),
    unarchive: (item) => (item.state !== 'inbox' ? { ...item, ...toInbox } : item),
    save: (item) => ({ ...item, saved_at: item.saved_at ?? now }),
    unsave: (item) => ({ ...item, saved_at: null }),
    snooze: (item) => ({
      ...item,
      status: 'archived',
      state: 'snoozed',
      archived_at: item.archived_at ?? now,
      snoozed_until: until,
      seen: true,
    }),
    unsnooze: (item) => (item.state === 'snoozed' ? { ...item, ...toInbox } : item),
    delete: () => undefined,
  };
  return changes[action];
}

/** Whether both are the same, as far as people can change it. Times are not compared, because clocks differ. */
export function isSameState(one: InboxItem, other: InboxItem): boolean {
  const isSameAlarm =
    one.snoozed_until === other.snoozed_until ||
    Date.parse(one.snoozed_until ?? '') === Date.parse(other.snoozed_until ?? '');
  return (
    one.state === other.state &&
    (one.read_at === null) === (other.read_at === null) &&
    (one.saved_at === null) === (other.saved_at === null) &&
    isSameAlarm
  );
}

/** Counts of an inbox. */
export interface InboxCounts {
  readonly unread: number;
  /** What came since the inbox was last marked as seen. */
  readonly unseen: number;
  /** Without archived and snoozed ones. */
  readonly total: number;
  /** In any state. */
  readonly saved: number;
  readonly snoozed: number;
}

/** What one notification adds to each count. */
export function countsOf(item: InboxItem | undefined): InboxCounts {
  const isShown = item?.state === 'inbox';
  return {
    unread: Number(isShown && item.read_at === null),
    unseen: Number(isShown && !item.seen),
    total: Number(isShown),
    saved: Number(item !== undefined && item.saved_at !== null),
    snoozed: Number(item?.state === 'snoozed'),
  };
}
