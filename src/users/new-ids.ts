import { randomFillSync } from 'node:crypto';
import { v7 as uuid } from 'uuid';

const idBytes = 16;
/** Leaves room to count up from it. */
const sequenceMax = 2 ** 31;

/** UUIDs of version 7, in ascending order. For thousands of ids it takes a third of the time of as many calls. */
export function newIds(count: number): string[] {
  const random = randomFillSync(Buffer.allocUnsafe(idBytes * (count + 1)));
  const msecs = Date.now();
  const first = random.readUInt32BE(idBytes * count) % sequenceMax;
  const bytes = Buffer.allocUnsafe(idBytes * count);
  for (let index = 0; index < count; index++) {
    const offset = idBytes * index;
    uuid({ msecs, seq: first + index, random: random.subarray(offset, offset + idBytes) }, bytes, offset);
  }
  const hex = bytes.toString('hex');
  return Array.from({ length: count }, (_, index) => withHyphens(hex, 2 * idBytes * index));
}

function withHyphens(hex: string, start: number): string {
  const part = (from: number, to: number) => hex.slice(start + from, start + to);
  return `${part(0, 8)}-${part(8, 12)}-${part(12, 16)}-${part(16, 20)}-${part(20, 32)}`;
}
