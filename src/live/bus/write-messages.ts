import { z } from 'zod';
import type { VersionRange } from '../../notifications/ranges.ts';

/*
 * The messages between processes. Every process numbers its messages, so a receiver notices gaps and duplicates. Every
 * few seconds each process sends the number of its last message as a heartbeat, and a goodbye when it closes. A process
 * that stops without a goodbye may have committed writes that it never published.
 */

/** Milliseconds between heartbeats, and the silence after which a process is considered dead. */
export const heartbeatMs = 5_000;
const silenceMs = 3 * heartbeatMs;
/** Milliseconds of silence after which a process is not expected to return. */
const forgottenMs = 86_400_000;

export interface WriteMessagesOptions {
  /** Identifies this process on the bus. */
  readonly origin: string;
  /** Maximum length of a message in bytes. */
  readonly messageBytes: number;
  readonly now: () => number;
  readonly onWrite: (ranges: readonly VersionRange[]) => void;
  /** Called when a message was lost, or may have been. */
  readonly onGap: () => void;
}

/** Encodes writes as messages and decodes the messages of other processes. */
export interface WriteMessages {
  /** The messages for one write, in order. */
  encode(ranges: readonly VersionRange[]): string[];
  heartbeat(): string;
  goodbye(): string;
  /** Handles one incoming message; malformed messages and those of this process are ignored. */
  receive(text: string): void;
  /** Forgets what was received so far: after an interruption, peers may have sent any number of messages. */
  forgetPeers(): void;
  /** Reports a gap for every process that has become silent. */
  checkPeers(): void;
}

const id = z.number().int();
const Range = z.tuple([z.string(), id, id, z.array(id), z.array(id)]);
const Message = z.object({
  origin: z.string(),
  /** The number of this message; in a message without ranges, the number of the last message sent. */
  number: z.number().int().min(0),
  ranges: z.array(Range).optional(),
  /** More messages of the same write follow. */
  isPart: z.boolean().optional(),
  /** Continues a write that an earlier message began. */
  isRest: z.boolean().optional(),
  isLast: z.boolean().optional(),
});
type WireRange = z.infer<typeof Range>;

/** The state of another process. */
interface Peer {
  number: number;
  lastMessageAt: number;
  /** True after its silence was reported. Its number is kept, because it may return having lost messages. */
  isSilenceReported: boolean;
  /** Ranges received so far of a write that is split over several messages. */
  partial: WireRange[];
}

/** Maximum number of updated and of deleted ids in one range of a message: a range of this size always fits. */
const idsPerRange = 200;

export function createWriteMessages({
  origin,
  messageBytes,
  now,
  onWrite,
  onGap,
}: WriteMessagesOptions): WriteMessages {
  const peers = new Map<string, Peer>();
  const ownStart = JSON.stringify({ origin }).slice(0, -1);
  let sent = 0;

  /** Returns the sender after checking the message's number, and reports a gap. Returns undefined for a duplicate. */
  function acceptMessage({ origin: name, number, ranges }: z.infer<typeof Message>): Peer | undefined {
    const existing = peers.get(name);
    const peer = existing ?? { number, lastMessageAt: 0, isSilenceReported: false, partial: [] };
    peers.set(name, peer);
    peer.lastMessageAt = now();
    peer.isSilenceReported = false;
    const expected = existing && ranges ? peer.number + 1 : peer.number;
    if (existing && ranges && number < expected) return undefined;
    if (existing && number > expected) {
      peer.partial = [];
      onGap();
    }
    peer.number = Math.max(number, peer.number);
    return peer;
  }

  return {
    encode(ranges) {
      const parts = divide(ranges, messageBytes);
      return parts.map((part, index) => {
        sent += 1;
        return JSON.stringify({
          origin,
          number: sent,
          ranges: part,
          isPart: index < parts.length - 1,
          isRest: index > 0,
        });
      });
    },
    heartbeat: () => JSON.stringify({ origin, number: sent }),
    goodbye: () => JSON.stringify({ origin, number: sent, isLast: true }),
    receive(text) {
      // Most messages on this connection are our own; they are not parsed.
      if (text.startsWith(ownStart)) return;
      const parsed = parse(text);
      if (parsed === undefined || parsed.origin === origin) return;
      const peer = acceptMessage(parsed);
      if (parsed.isLast) peers.delete(parsed.origin);
      if (peer === undefined || !parsed.ranges) return;
      // The beginning of this write was lost, and the gap was already reported.
      if (parsed.isRest && peer.partial.length === 0) return;
      peer.partial.push(...parsed.ranges);
      if (parsed.isPart) return;
      onWrite(join(peer.partial.splice(0)));
    },
    forgetPeers: () => peers.clear(),
    checkPeers() {
      for (const [name, peer] of peers) {
        const silentMs = now() - peer.lastMessageAt;
        if (silentMs > forgottenMs) peers.delete(name);
        if (silentMs <= silenceMs || peer.isSilenceReported) continue;
        peer.isSilenceReported = true;
        onGap();
      }
    },
  };
}

function parse(text: string): z.infer<typeof Message> | undefined {
  try {
    return Message.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Splits a write into messages of limited length; a range with many ids is split, too. */
function divide(ranges: readonly VersionRange[], messageBytes: number): WireRange[][] {
  // Leaves space for the fields around the ranges.
  const room = messageBytes - 200;
  const parts: WireRange[][] = [];
  let part: WireRange[] = [];
  let size = 0;
  for (const range of ranges.flatMap(cut)) {
    const length = JSON.stringify(range).length + 1;
    if (size + length > room && part.length > 0) {
      parts.push(part);
      part = [];
      size = 0;
    }
    part.push(range);
    size += length;
  }
  return [...parts, part];
}

function cut({ recipient, from, to, updated = [], deleted = [] }: VersionRange): WireRange[] {
  const most = Math.max(updated.length, deleted.length, 1);
  const starts = Array.from({ length: Math.ceil(most / idsPerRange) }, (_, index) => index * idsPerRange);
  return starts.map((start) => {
    const end = start + idsPerRange;
    return [recipient, from, to, updated.slice(start, end), deleted.slice(start, end)];
  });
}

/** Reassembles the ranges of a write, one per inbox. */
function join(wire: readonly WireRange[]): VersionRange[] {
  const ranges = new Map<string, VersionRange & { updated: number[]; deleted: number[] }>();
  for (const [recipient, from, to, updated, deleted] of wire) {
    const range = ranges.get(recipient) ?? { recipient, from, to, updated: [], deleted: [] };
    ranges.set(recipient, range);
    for (const key of updated) range.updated.push(key);
    for (const key of deleted) range.deleted.push(key);
  }
  return [...ranges.values()];
}
