import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

/**
 * A random trace id as four numbers of 32 bits. Every request has one, and most are not recorded: so its text is made only
 * where it is needed, and no native function is called. Ids need not be secret; OpenTelemetry's are as random.
 */
export class TraceId {
  readonly #words = [randomWord(), randomWord(), randomWord(), randomWord()] as const;

  /** What samplers of OpenTelemetry compare with a share of 2³². */
  get sample(): number {
    const [a, b, c, d] = this.#words;
    return (a ^ b ^ c ^ d) >>> 0;
  }

  toString(): string {
    return this.#words.map(hex).join('');
  }
}

/** Generates the ids of spans, and of traces that were not sampled before their first span. */
export class RandomIds implements IdGenerator {
  #nextTraceId: string | undefined;

  /** Makes `generateTraceId` return this id next: that of a trace which was sampled before its first span. */
  useNext(traceId: string): void {
    this.#nextTraceId = traceId;
  }

  generateTraceId(): string {
    const next = this.#nextTraceId;
    this.#nextTraceId = undefined;
    return next ?? new TraceId().toString();
  }

  generateSpanId(): string {
    return hex(randomWord()) + hex(randomWord());
  }
}

function randomWord(): number {
  // Never zero, because an id of zeros is invalid.
  return Math.floor(Math.random() * 0xffffffff) + 1;
}

function hex(word: number): string {
  return word.toString(16).padStart(8, '0');
}
