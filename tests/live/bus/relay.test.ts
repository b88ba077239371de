import { describe, expect, it } from '@jest/globals';
import { createRelay, heartbeatMs, type Relay } from '../../../src/live/bus/relay.ts';
import type { VersionRange } from '../../../src/notifications/ranges.ts';

const recipient = '5f4a2a5e-3c52-4f0e-a1f2-0d3a6f6f1c11';
const write = (to: number): VersionRange[] => [{ recipient, from: to - 1, to, updated: [], deleted: [] }];
const numbers = (count: number) => Array.from({ length: count }, (_, place) => place);

/** A relay that hears, with a clock of its own, and what it made of what it heard. */
function anEar({ messageBytes = 1_000 } = {}) {
  const told: string[] = [];
  const writes: (readonly VersionRange[])[] = [];
  let time = 0;
  const relay = createRelay({
    origin: 'ear',
    messageBytes,
    now: () => time,
    onWrite(ranges) {
      writes.push(ranges);
      told.push(ranges.map(({ to }) => to).join());
    },
    onGap: () => told.push('gap'),
  });
  return {
    told,
    writes,
    relay,
    hear: (...messages: readonly (string | undefined)[]) => {
      for (const message of messages) relay.receive(message ?? '');
    },
    wait(ms: number) {
      time += ms;
      relay.check();
    },
  };
}

const aVoice = (origin = 'voice', messageBytes = 1_000): Relay =>
  createRelay({ origin, messageBytes, now: () => 0, onWrite: () => undefined, onGap: () => undefined });

describe('a relay', () => {
  it('hands on what comes in order', () => {
    const { told, hear } = anEar();
    const voice = aVoice();

    for (const to of [1, 2, 3]) hear(...voice.pack(write(to)));

    expect(told).toEqual(['1', '2', '3']);
  });

  it('says that something is missing before it hands on what came after it', () => {
    const { told, hear } = anEar();
    const voice = aVoice();
    const [one, , three] = [1, 2, 3].flatMap((to) => voice.pack(write(to)));

    hear(one, three);

    expect(told).toEqual(['1', 'gap', '3']);
  });

  it('learns from a heartbeat that something is missing, and only once', () => {
    const { told, hear } = anEar();
    const voice = aVoice();
    hear(...voice.pack(write(1)));
    voice.pack(write(2));

    hear(voice.heartbeat(), voice.heartbeat());

    expect(told).toEqual(['1', 'gap']);
  });

  it('learns from a farewell that something is missing', () => {
    const { told, hear } = anEar();
    const voice = aVoice();
    hear(voice.heartbeat());
    voice.pack(write(1));

    hear(voice.farewell());

    expect(told).toEqual(['gap']);
  });

  it('passes over what it has had already', () => {
    const { told, hear } = anEar();
    const voice = aVoice();
    const messages = [1, 2].flatMap((to) => voice.pack(write(to)));

    hear(...messages, ...messages, ...voice.pack(write(3)));

    expect(told).toEqual(['1', '2', '3']);
  });

  it('tells each process from the others', () => {
    const { told, hear } = anEar();
    const [one, other] = [aVoice('one'), aVoice('other')];

    hear(...one.pack(write(1)), ...other.pack(write(10)), ...one.pack(write(2)), ...other.pack(write(11)));

    expect(told).toEqual(['1', '10', '2', '11']);
  });

  it('does not hear itself', () => {
    const { told, hear } = anEar();

    hear(...aVoice('ear').pack(write(1)));

    expect(told).toEqual([]);
  });

  it.each(['', 'nonsense', 'null', '{}', '{"origin":"x","number":-1}', '{"origin":"x","number":1,"ranges":[["a"]]}'])(
    'passes over what is none of its messages: %j',
    (text) => {
      const { told, hear } = anEar();

      hear(text);

      expect(told).toEqual([]);
    },
  );

  it('begins with whatever it hears first, and again when it is told to forget', () => {
    const { told, hear, relay } = anEar();
    const voice = aVoice();
    const messages = numbers(6).flatMap((to) => voice.pack(write(to)));

    hear(messages[2]);
    relay.forget();
    hear(messages[5]);

    expect(told).toEqual(['2', '5']);
  });
});

describe('a write that is longer than a message', () => {
  const many: VersionRange[] = [
    { recipient, from: 0, to: 900, updated: numbers(900), deleted: numbers(450) },
    ...numbers(150).map((place) => ({ recipient: `${place}`, from: 0, to: 1, updated: [], deleted: [] })),
  ];

  it('goes in parts that are short enough, and comes whole', () => {
    const { writes, hear } = anEar({ messageBytes: 4_000 });
    const messages = aVoice('voice', 4_000).pack(many);

    hear(...messages);

    expect(messages.length).toBeGreaterThan(2);
    expect(Math.max(...messages.map((message) => Buffer.byteLength(message)))).toBeLessThanOrEqual(4_000);
    expect(writes).toEqual([many]);
  });

  it('fits PostgreSQL with the longest ids there are', () => {
    const longest = numbers(450).map((place) => Number.MAX_SAFE_INTEGER - place);
    const write = [{ recipient, from: 2 ** 53 - 2, to: 2 ** 53 - 1, updated: longest, deleted: longest }];
    const messages = aVoice('8c9b1a52-9d0e-4b57-9d4b-7a1c6f1f2a33', 7_900).pack(write);
    const { writes, hear } = anEar();

    hear(...messages);

    expect(Math.max(...messages.map((message) => Buffer.byteLength(message)))).toBeLessThan(8_000);
    expect(writes).toEqual([write]);
  });

  it('is not told when its beginning came and its end did not', () => {
    const { writes, told, hear } = anEar();
    const voice = aVoice('voice', 4_000);
    hear(...voice.pack(many).slice(0, -1));

    hear(...voice.pack(write(7)));

    expect(told).toEqual(['gap', '7']);
    expect(writes).toEqual([write(7)]);
  });

  it('is not told when its end came and its beginning did not', () => {
    const { told, relay, hear } = anEar();
    const voice = aVoice('voice', 4_000);
    const messages = voice.pack(many);
    hear(...messages.slice(0, 1));

    relay.forget();
    hear(...messages.slice(1), ...voice.pack(write(7)));

    expect(told).toEqual(['7']);
  });

  it('is not told without its middle', () => {
    const { told, hear } = anEar();
    const voice = aVoice('voice', 4_000);
    const [first, , ...rest] = voice.pack(many);

    hear(first, ...rest, ...voice.pack(write(7)));

    expect(told).toEqual(['gap', '7']);
  });
});

describe('a process that falls silent', () => {
  it('is missed once, after three heartbeats that did not come', () => {
    const { told, hear, wait } = anEar();
    hear(...aVoice().pack(write(1)));

    wait(3 * heartbeatMs);
    const before = [...told];
    wait(1);
    wait(10 * heartbeatMs);

    expect(before).toEqual(['1']);
    expect(told).toEqual(['1', 'gap']);
  });

  it('is not missed while it says where it stands', () => {
    const { told, hear, wait } = anEar();
    const voice = aVoice();

    for (const _ of numbers(10)) {
      hear(voice.heartbeat());
      wait(heartbeatMs);
    }

    expect(told).toEqual([]);
  });

  it('is not missed when it said farewell', () => {
    const { told, hear, wait } = anEar();
    hear(aVoice().farewell());

    wait(10 * heartbeatMs);

    expect(told).toEqual([]);
  });

  it('and comes back is told of with all it had kept', () => {
    const { told, hear, wait } = anEar();
    const voice = aVoice();
    hear(voice.heartbeat());
    const kept = voice.pack(write(1));
    wait(4 * heartbeatMs);

    hear(...kept);

    expect(told).toEqual(['gap', '1']);
  });

  it('and comes back without what it could not keep leaves a gap', () => {
    const { told, hear, wait } = anEar();
    const voice = aVoice();
    hear(voice.heartbeat());
    wait(4 * heartbeatMs);
    // Whoever lost events by the silence has come again since.
    voice.pack(write(1));

    hear(...voice.pack(write(2)));

    expect(told).toEqual(['gap', 'gap', '2']);
  });
});
