import { randomFillSync } from 'node:crypto';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

const traceBytes = 16;
const spanBytes = 8;

/** Generates ids from random bytes that are drawn in blocks, because every request needs one even if it is not recorded. */
export class PooledIds implements IdGenerator {
  readonly #bytes = Buffer.alloc(4_096);
  #used = this.#bytes.length;
  #nextTraceId: string | undefined;

  /** Makes `generateTraceId` return this id next: that of a trace which was sampled before its first span. */
  useNext(traceId: string): void {
    this.#nextTraceId = traceId;
  }

  generateTraceId(): string {
    const next = this.#nextTraceId;
    this.#nextTraceId = undefined;
    return next ?? this.#draw(traceBytes);
  }

  generateSpanId(): string {
    return this.#draw(spanBytes);
  }

  #draw(length: number): string {
    if (this.#used + length > this.#bytes.length) {
      randomFillSync(this.#bytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    return this.#bytes.toString('hex', start, this.#used);
  }
}
