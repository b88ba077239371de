/** A mail or a webhook that the demo captured instead of delivering it. */
export interface Captured {
  /** Counts the captured messages, from 1. */
  readonly id: number;
  readonly kind: 'mail' | 'webhook';
  readonly at: Date;
  readonly to: string;
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly text: string;
  /** The HTML part of a mail. */
  readonly html: string | undefined;
}

/** The captured messages. It keeps the newest ones. */
export interface CaptureStore {
  add(captured: Omit<Captured, 'id' | 'at'>): void;
  find(id: number): Captured | undefined;
  /** The messages captured after the one with this id, oldest first. */
  after(id: number): readonly Captured[];
}

/** Maximum number of messages that are kept. */
const capacity = 1000;

export function createCaptureStore(): CaptureStore {
  const kept = new Map<number, Captured>();
  let last = 0;
  return {
    add(captured) {
      last += 1;
      kept.set(last, { ...captured, id: last, at: new Date() });
      kept.delete(last - capacity);
    },
    find: (id) => kept.get(id),
    after: (id) => [...kept.values()].filter((captured) => captured.id > id),
  };
}
