import { randomFillSync } from 'node:crypto';
import { v7 as uuid } from 'uuid';

const randomBytes = 16;
/** Leaves room to count up from it. */
const sequenceMax = 2 ** 31;

/** UUIDs of version 7, in ascending order. `uuid` alone asks for random bytes once for every sixteen ids. */
export function newIds(count: number): string[] {
  const random = randomFillSync(new Uint8Array(randomBytes * (count + 1)));
  const msecs = Date.now();
  const first = new DataView(random.buffer).getUint32(randomBytes * count) % sequenceMax;
  return Array.from({ length: count }, (_, index) =>
    uuid({ msecs, seq: first + index, random: random.subarray(randomBytes * index, randomBytes * (index + 1)) }),
  );
}
