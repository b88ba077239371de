import type { Username } from './people.ts';

export type State = 'unread' | 'read' | 'archived';

interface Sent {
  readonly to: readonly Username[];
}

/** A notification that an application, or a person with an application, writes for others. */
export interface WrittenNotification extends Sent {
  readonly kind: 'written';
  /** Who is shown as the sender; undefined: the application. */
  readonly from?: Username;
  readonly subject: string;
  /** Markdown. */
  readonly message: string;
  /** The item that the notification is about: a collection of the application and a key in it. */
  readonly about?: readonly [collection: string, item: string];
}

/** A message of a system template, filled in. */
export interface TemplateNotification extends Sent {
  readonly kind: 'template';
  /** The name of the template. */
  readonly template: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly data?: unknown;
}

/** A reminder that a person sends to their own inbox, with the template for custom notifications. */
export interface Reminder extends Sent {
  readonly kind: 'reminder';
  readonly title: string;
  readonly message: string;
}

export type Entry = WrittenNotification | TemplateNotification | Reminder;

/** An entry of the past week. */
export type PastEntry = Entry & {
  /** Hours before the start of the demo, at most seven days. */
  readonly hoursAgo: number;
  readonly state: State;
};
