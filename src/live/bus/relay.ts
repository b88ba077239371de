import { z } from 'zod';
import type { VersionRange } from '../../notifications/ranges.ts';

/*
 * What travels between processes. Every process numbers what it sends, so whoever receives knows what is missing and
 * what came twice; it says every few seconds where it stands, and that it goes when it goes. A process that falls
 * silent without that may have taken with it what it had committed but not told.
 */

/** How often a process says where it stands, and after how long a silence it is taken for dead, in milliseconds. */
export const heartbeatMs = 5_000;
const silenceMs = 3 * heartbeatMs;
/** After this long a silence it does not come back. */
const forgottenMs = 86_400_000;

export interface RelayOptions {
  /** Names this process among those on the bus. */
  readonly origin: string;
  /** Longest message, in bytes. */
  readonly messageBytes: number;
  readonly now: () => number;
  readonly onWrite: (ranges: readonly VersionRange[]) => void;
  /** Something did not arrive. */
  readonly onGap: () => void;
}

/** Turns writes into messages and back. */
export interface Relay {
  /** The messages that tell of one write, in order. */
  pack(ranges: readonly VersionRange[]): string[];
  heartbeat(): string;
  farewell(): string;
  /** Takes one message in; what is not ours to read is ignored. */
  receive(text: string): void;
  /** Nothing was heard for a while: others may have sent any number since. */
  forget(): void;
  /** Looks for processes that fell silent. */
  check(): void;
}

const id = z.number().int();
const Range = z.tuple([z.string(), id, id, z.array(id), z.array(id)]);
const Message = z.object({
  origin: z.string(),
  /** Of this message; of the last one sent, when it tells of no write. */
  number: z.number().int().min(0),
  ranges: z.array(Range).optional(),
  /** More of the same write follows. */
  isPart: z.boolean().optional(),
  /** It goes on with a write that an earlier message began. */
  isRest: z.boolean().optional(),
  isLast: z.boolean().optional(),
});
type WireRange = z.infer<typeof Range>;

/** What is known of another process. */
interface Peer {
  number: number;
  heardAt: number;
  /** That it fell silent was said. Its number is kept: it may come back without what it could not keep. */
  isMissed: boolean;
  /** The beginning of a write that comes in parts. */
  begun: WireRange[];
}

/** Ids of either kind that one message names at most: they fit, however long they are. */
const idsPerMessage = 200;

export function createRelay({ origin, messageBytes, now, onWrite, onGap }: RelayOptions): Relay {
  const peers = new Map<string, Peer>();
  const ownStart = JSON.stringify({ origin }).slice(0, -1);
  let sent = 0;

  /** The message's peer, with a gap told of; nothing for what came before. */
  function peerOf({ origin: name, number, ranges }: z.infer<typeof Message>): Peer | undefined {
    const known = peers.get(name);
    const peer = known ?? { number, heardAt: 0, isMissed: false, begun: [] };
    peers.set(name, peer);
    peer.heardAt = now();
    peer.isMissed = false;
    const expected = known && ranges ? peer.number + 1 : peer.number;
    if (known && ranges && number < expected) return undefined;
    if (known && number > expected) {
      peer.begun = [];
      onGap();
    }
    peer.number = Math.max(number, peer.number);
    return peer;
  }

  return {
    pack(ranges) {
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
    farewell: () => JSON.stringify({ origin, number: sent, isLast: true }),
    receive(text) {
      // Most of what comes on one's own connection, and not worth being read.
      if (text.startsWith(ownStart)) return;
      const parsed = parse(text);
      if (parsed === undefined || parsed.origin === origin) return;
      const peer = peerOf(parsed);
      if (parsed.isLast) peers.delete(parsed.origin);
      if (peer === undefined || !parsed.ranges) return;
      // Its beginning was not heard, and who should have heard it was told of a gap.
      if (parsed.isRest && peer.begun.length === 0) return;
      peer.begun.push(...parsed.ranges);
      if (parsed.isPart) return;
      onWrite(join(peer.begun.splice(0)));
    },
    forget: () => peers.clear(),
    check() {
      for (const [name, peer] of peers) {
        const silentMs = now() - peer.heardAt;
        if (silentMs > forgottenMs) peers.delete(name);
        if (silentMs <= silenceMs || peer.isMissed) continue;
        peer.isMissed = true;
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

/** Cuts a write into messages that are short enough; a range with many ids is cut, too. */
function divide(ranges: readonly VersionRange[], messageBytes: number): WireRange[][] {
  // What stands around the ranges of a message.
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
  const starts = Array.from({ length: Math.ceil(most / idsPerMessage) }, (_, index) => index * idsPerMessage);
  return starts.map((start) => {
    const end = start + idsPerMessage;
    return [recipient, from, to, updated.slice(start, end), deleted.slice(start, end)];
  });
}

/** The ranges of a write, each inbox once as it was before it was cut. */
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
