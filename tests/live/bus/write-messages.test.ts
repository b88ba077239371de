import { describe, expect, it } from '@jest/globals';
import { createWriteMessages, heartbeatMs, type WriteMessages } from '../../../src/live/bus/write-messages.ts';
import type { VersionRange } from '../../../src/notifications/ranges.ts';

const recipient = '5f4a2a5e-3c52-4f0e-a1f2-0d3a6f6f1c11';
const write = (to: number): VersionRange[] => [{ recipient, from: to - 1, to, updated: [], deleted: [] }];
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A receiver with a clock of its own, and what it reported. */
function aReceiver({ messageBytes = 1_000 } = {}) {
  const reports: string[] = [];
  const writes: (readonly VersionRange[])[] = [];
  let time = 0;
  const writeMessages = createWriteMessages({
    origin: 'receiver',
    messageBytes,
    now: () => time,
    onWrite(ranges) {
      writes.push(ranges);
      reports.push(ranges.map(({ to }) => to).join());
    },
    onGap: () => reports.push('gap'),
  });
  return {
    reports,
    writes,
    writeMessages,
    receive: (...messages: readonly (string | undefined)[]) => {
      for (const message of messages) writeMessages.receive(message ?? '');
    },
    wait(ms: number) {
      time += ms;
      writeMessages.checkPeers();
    },
  };
}

const aSender = (origin = 'sender', messageBytes = 1_000): WriteMessages =>
  createWriteMessages({ origin, messageBytes, now: () => 0, onWrite: () => undefined, onGap: () => undefined });

describe('the messages between processes', () => {
  it('a receiver passes on messages that arrive in order', () => {
    const { reports, receive } = aReceiver();
    const sender = aSender();

    for (const to of [1, 2, 3]) receive(...sender.encode(write(to)));

    expect(reports).toEqual(['1', '2', '3']);
  });

  it('a receiver reports a gap before it passes on the message after the gap', () => {
    const { reports, receive } = aReceiver();
    const sender = aSender();
    const [one, , three] = [1, 2, 3].flatMap((to) => sender.encode(write(to)));

    receive(one, three);

    expect(reports).toEqual(['1', 'gap', '3']);
  });

  it('a receiver reports a gap once when a heartbeat reveals it', () => {
    const { reports, receive } = aReceiver();
    const sender = aSender();
    receive(...sender.encode(write(1)));
    sender.encode(write(2));

    receive(sender.heartbeat(), sender.heartbeat());

    expect(reports).toEqual(['1', 'gap']);
  });

  it('a receiver reports a gap that a goodbye message reveals', () => {
    const { reports, receive } = aReceiver();
    const sender = aSender();
    receive(sender.heartbeat());
    sender.encode(write(1));

    receive(sender.goodbye());

    expect(reports).toEqual(['gap']);
  });

  it('a receiver ignores duplicate messages', () => {
    const { reports, receive } = aReceiver();
    const sender = aSender();
    const messages = [1, 2].flatMap((to) => sender.encode(write(to)));

    receive(...messages, ...messages, ...sender.encode(write(3)));

    expect(reports).toEqual(['1', '2', '3']);
  });

  it('a receiver counts the messages of each process separately', () => {
    const { reports, receive } = aReceiver();
    const [one, other] = [aSender('one'), aSender('other')];

    receive(...one.encode(write(1)), ...other.encode(write(10)), ...one.encode(write(2)), ...other.encode(write(11)));

    expect(reports).toEqual(['1', '10', '2', '11']);
  });

  it('a receiver ignores its own messages', () => {
    const { reports, receive } = aReceiver();

    receive(...aSender('receiver').encode(write(1)));

    expect(reports).toEqual([]);
  });

  it.each(['', 'nonsense', 'null', '{}', '{"origin":"x","number":-1}', '{"origin":"x","number":1,"ranges":[["a"]]}'])(
    'a receiver ignores malformed messages: %j',
    (text) => {
      const { reports, receive } = aReceiver();

      receive(text);

      expect(reports).toEqual([]);
    },
  );

  it('a receiver accepts any first message from a process, and again after forgetting its peers', () => {
    const { reports, receive, writeMessages } = aReceiver();
    const sender = aSender();
    const messages = numbers(6).flatMap((to) => sender.encode(write(to)));

    receive(messages[2]);
    writeMessages.forgetPeers();
    receive(messages[5]);

    expect(reports).toEqual(['2', '5']);
  });
});

describe('a write that is longer than a message', () => {
  const many: VersionRange[] = [
    { recipient, from: 0, to: 900, updated: numbers(900), deleted: numbers(450) },
    ...numbers(150).map((index) => ({ recipient: `${index}`, from: 0, to: 1, updated: [], deleted: [] })),
  ];

  it('a long write is split into several messages and reassembled', () => {
    const { writes, receive } = aReceiver({ messageBytes: 4_000 });
    const messages = aSender('sender', 4_000).encode(many);

    receive(...messages);

    expect(messages.length).toBeGreaterThan(2);
    expect(Math.max(...messages.map((message) => Buffer.byteLength(message)))).toBeLessThanOrEqual(4_000);
    expect(writes).toEqual([many]);
  });

  it('messages with the longest ids stay within the limit of PostgreSQL', () => {
    const longest = numbers(450).map((index) => Number.MAX_SAFE_INTEGER - index);
    const write = [{ recipient, from: 2 ** 53 - 2, to: 2 ** 53 - 1, updated: longest, deleted: longest }];
    const messages = aSender('8c9b1a52-9d0e-4b57-9d4b-7a1c6f1f2a33', 7_900).encode(write);
    const { writes, receive } = aReceiver();

    receive(...messages);

    expect(Math.max(...messages.map((message) => Buffer.byteLength(message)))).toBeLessThan(8_000);
    expect(writes).toEqual([write]);
  });

  it('a write whose last part is missing is dropped', () => {
    const { writes, reports, receive } = aReceiver();
    const sender = aSender('sender', 4_000);
    receive(...sender.encode(many).slice(0, -1));

    receive(...sender.encode(write(7)));

    expect(reports).toEqual(['gap', '7']);
    expect(writes).toEqual([write(7)]);
  });

  it('a write whose first part is missing is dropped', () => {
    const { reports, writeMessages, receive } = aReceiver();
    const sender = aSender('sender', 4_000);
    const messages = sender.encode(many);
    receive(...messages.slice(0, 1));

    writeMessages.forgetPeers();
    receive(...messages.slice(1), ...sender.encode(write(7)));

    expect(reports).toEqual(['7']);
  });

  it('a write whose middle part is missing is dropped', () => {
    const { reports, receive } = aReceiver();
    const sender = aSender('sender', 4_000);
    const [first, , ...rest] = sender.encode(many);

    receive(first, ...rest, ...sender.encode(write(7)));

    expect(reports).toEqual(['gap', '7']);
  });
});

describe('a process that becomes silent', () => {
  it('a receiver reports a silent process once, after three missed heartbeats', () => {
    const { reports, receive, wait } = aReceiver();
    receive(...aSender().encode(write(1)));

    wait(3 * heartbeatMs);
    const before = [...reports];
    wait(1);
    wait(10 * heartbeatMs);

    expect(before).toEqual(['1']);
    expect(reports).toEqual(['1', 'gap']);
  });

  it('a receiver does not report a process that sends heartbeats', () => {
    const { reports, receive, wait } = aReceiver();
    const sender = aSender();

    for (const _ of numbers(10)) {
      receive(sender.heartbeat());
      wait(heartbeatMs);
    }

    expect(reports).toEqual([]);
  });

  it('a receiver does not report a process that said goodbye', () => {
    const { reports, receive, wait } = aReceiver();
    receive(aSender().goodbye());

    wait(10 * heartbeatMs);

    expect(reports).toEqual([]);
  });

  it('a receiver resumes a returning process without losing writes', () => {
    const { reports, receive, wait } = aReceiver();
    const sender = aSender();
    receive(sender.heartbeat());
    const kept = sender.encode(write(1));
    wait(4 * heartbeatMs);

    receive(...kept);

    expect(reports).toEqual(['gap', '1']);
  });

  it('a receiver reports a gap when a returning process has lost messages', () => {
    const { reports, receive, wait } = aReceiver();
    const sender = aSender();
    receive(sender.heartbeat());
    wait(4 * heartbeatMs);
    // The silence was already reported as a gap. This message gets lost, which is a second gap.
    sender.encode(write(1));

    receive(...sender.encode(write(2)));

    expect(reports).toEqual(['gap', 'gap', '2']);
  });
});
