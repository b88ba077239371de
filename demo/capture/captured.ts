/** A mail or a webhook that the demo received instead of the world. */
export interface Captured {
  /** 1 for the first. */
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

/** What was captured, the newest kept. */
export interface CaptureStore {
  add(captured: Omit<Captured, 'id' | 'at'>): void;
  find(id: number): Captured | undefined;
  /** Those after the one with this id, oldest first. */
  after(id: number): readonly Captured[];
}

/** Most messages kept. */
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
