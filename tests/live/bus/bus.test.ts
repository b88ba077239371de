import { afterAll, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import type { Bus } from '../../../src/live/bus/bus.ts';
import type { VersionRange } from '../../../src/notifications/ranges.ts';
import { failureOf } from '../../notifications/people.ts';
import {
  aTestListener,
  type BusStage,
  memoryStage,
  postgresStage,
  redisStage,
  type TestListener,
} from './bus-stage.ts';

const stages: [string, BusStage | null][] = [
  ['memory', await memoryStage()],
  ['postgres', await postgresStage()],
  ['redis', await redisStage()],
];
afterAll(async () => {
  for (const [, stage] of stages) await stage?.close();
});
const present = stages.flatMap(([name, stage]): [string, BusStage][] => (stage ? [[name, stage]] : []));
const networked = present.filter(([name]) => name !== 'memory');

if (present.length < stages.length) {
  process.stderr.write('Redis is not installed: the tests of the Redis bus are skipped.\n');
  describe.skip('the redis bus', () => it('a Redis bus delivers writes', () => undefined));
}

let made = 0;
const aName = () => {
  made += 1;
  return `bus_${made}`;
};
const aRange = (recipient: string = uuid()): VersionRange => ({ recipient, from: 0, to: 1 });
const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, index) => first + index);
/** Adds the fields that are omitted when empty. */
const whole = (ranges: readonly VersionRange[]) =>
  ranges.map(({ updated = [], deleted = [], ...range }) => ({ ...range, updated, deleted }));
const hasReceived = (recipient: string) => (listener: TestListener) =>
  listener.writes.flat().some((range) => range.recipient === recipient);

/** Two processes, each with a listener for every write. */
async function twoProcesses({ open }: BusStage) {
  const names = { one: aName(), two: aName() };
  const buses = { one: await open(names.one), two: await open(names.two) };
  const listeners = { one: aTestListener(), two: aTestListener() };
  const ends = [await buses.one.subscribe(listeners.one), await buses.two.subscribe(listeners.two)];
  const end = () => {
    for (const endOne of ends) endOne();
  };
  return { names, ...buses, listeners, end };
}

/** Publishes a marker and waits until it arrives: everything published before has arrived, too. */
async function flush(bus: Bus, ...listeners: readonly TestListener[]): Promise<void> {
  const marker = aRange();
  bus.publish([marker]);
  await Promise.all(listeners.map((listener) => listener.until(hasReceived(marker.recipient))));
  for (const listener of listeners)
    listener.writes.splice(
      listener.writes.findIndex(([range]) => range?.recipient === marker.recipient),
      1,
    );
}

describe.each(present)('the %s bus', (_name, stage) => {
  it('the bus delivers a write once to every process, including the publisher', async () => {
    const { one, two, listeners, end } = await twoProcesses(stage);
    const write = [{ ...aRange(), updated: [3], deleted: [4] }, aRange()];

    one.publish(write);
    await listeners.two.until(({ writes }) => writes.length > 0);
    await flush(two, listeners.one, listeners.two);

    expect(listeners.one.writes.map(whole)).toEqual([whole(write)]);
    expect(listeners.two.writes.map(whole)).toEqual([whole(write)]);
    end();
  });

  it('the bus delivers a long write in one piece', async () => {
    const { one, listeners, end } = await twoProcesses(stage);
    const write = [
      { ...aRange(), updated: numbers(5_000, 2 ** 50), deleted: numbers(321) },
      ...numbers(3_000).map(() => aRange()),
      { ...aRange(), updated: [], deleted: numbers(999) },
    ];

    one.publish(write);
    await flush(one, listeners.one, listeners.two);

    expect(listeners.one.writes.map(whole)).toEqual([whole(write)]);
    expect(listeners.two.writes.map(whole)).toEqual([whole(write)]);
    end();
  });

  it('the bus keeps the order of the writes of each process', async () => {
    const { one, two, listeners, end } = await twoProcesses(stage);
    const writes = numbers(2_000).map((to) => [{ ...aRange(), from: to - 1, to }]);

    for (const write of writes) one.publish(write);
    await flush(one, listeners.one, listeners.two);
    await flush(two, listeners.one, listeners.two);

    expect(listeners.one.writes.map(whole)).toEqual(writes.map(whole));
    expect(listeners.two.writes.map(whole)).toEqual(writes.map(whole));
    end();
  });

  it('in every process, the bus notifies a follower once for each write to its inbox, and of no other inbox', async () => {
    const { one, two, listeners, end } = await twoProcesses(stage);
    const recipient = uuid();
    const followers = { one: aTestListener(), two: aTestListener() };
    const ends = [one.follow(recipient, followers.one), two.follow(recipient, followers.two)];
    if (stage.interruptsOnFollow) {
      await Promise.all(
        [followers.one, followers.two].map((listener) => listener.until((one) => one.interruptions() > 0)),
      );
    }

    one.publish([aRange(), { recipient, from: 4, to: 6 }, aRange()]);
    two.publish([aRange()]);
    two.publish([{ recipient, from: 6, to: 7 }]);
    for (const bus of [one, two]) await flush(bus, listeners.one, listeners.two);
    for (const follower of [followers.one, followers.two]) await follower.until(({ writes }) => writes.length >= 2);

    // The writes of two processes have no order.
    const received = (listener: TestListener) =>
      listener.writes.map((ranges) => ranges.map(({ from, to }) => `${from}-${to}`).join()).toSorted();
    expect(received(followers.one)).toEqual(['4-6', '6-7']);
    expect(received(followers.two)).toEqual(['4-6', '6-7']);
    for (const endOne of ends) endOne();
    end();
  });

  it('the bus stops notifying a listener that has unsubscribed', async () => {
    const { one, two, listeners, end } = await twoProcesses(stage);
    const witness = aTestListener();
    const endWitness = await two.subscribe(witness);

    end();
    one.publish([aRange()]);
    await flush(one, witness);

    expect([...listeners.one.writes, ...listeners.two.writes]).toEqual([]);
    endWitness();
  });

  it('the bus sends nothing for a write without ranges', async () => {
    const { one, listeners, end } = await twoProcesses(stage);

    one.publish([]);
    await flush(one, listeners.one, listeners.two);

    expect([...listeners.one.writes, ...listeners.two.writes]).toEqual([]);
    end();
  });
});

describe.each(networked)('the %s bus after a lost connection', (_name, stage) => {
  it('the bus reports an interruption to listeners after a lost connection, then delivers writes again', async () => {
    const { names, one, two, listeners, end } = await twoProcesses(stage);
    const recipient = uuid();
    const follower = aTestListener();
    const endFollower = two.follow(recipient, follower);
    if (stage.interruptsOnFollow) await follower.until((listener) => listener.interruptions() > 0);
    const before = follower.interruptions();

    await stage.cut(names.two);
    await listeners.two.until((listener) => listener.interruptions() > 0);
    await follower.until((listener) => listener.interruptions() > before);
    const again = aTestListener();
    const endAgain = await subscribed(two, again);
    one.publish([{ recipient, from: 0, to: 1 }]);
    await again.until(hasReceived(recipient));

    expect(listeners.one.interruptions()).toBe(0);
    expect(again.writes.map(whole)).toEqual([whole([aRange(recipient)])]);
    endAgain();
    endFollower();
    end();
  });

  it('the bus refuses subscriptions to all writes while its connection is lost', async () => {
    const { names, two, listeners, end } = await twoProcesses(stage);
    const cut = stage.cut(names.two);
    await listeners.two.until((listener) => listener.interruptions() > 0);

    const refusal = await failureOf(two.subscribe(aTestListener()));

    expect(refusal).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'subscriptions' });
    await cut;
    end();
  });

  it('the bus buffers writes published while its connection is lost, and sends them in order', async () => {
    const { names, one, listeners, end } = await twoProcesses(stage);
    await flush(one, listeners.one, listeners.two);
    const cut = stage.cut(names.one);
    const writes = numbers(50).map(() => [aRange()]);
    for (const write of writes.slice(0, 25)) one.publish(write);
    await listeners.one.until((listener) => listener.interruptions() > 0);
    for (const write of writes.slice(25)) one.publish(write);
    await cut;

    await flush(one, listeners.two);

    expect(listeners.two.writes.map(whole)).toEqual(writes.map(whole));
    expect(listeners.two.interruptions()).toBe(0);
    end();
  });

  it('the bus delivers writes that others publish during a lost connection, or reports a gap', async () => {
    const { names, one, listeners, end } = await twoProcesses(stage);
    await flush(one, listeners.one, listeners.two);

    const cut = stage.cut(names.two);
    const recipient = uuid();
    one.publish([aRange(recipient)]);
    await listeners.two.until((listener) => listener.interruptions() > 0 || hasReceived(recipient)(listener));

    await cut;
    end();
  });
});

describe.each(networked)('the %s bus on a stalled connection', (_name, stage) => {
  it('the bus leaves no connection open when it is closed while connecting', async () => {
    const { bus, proxy } = await stage.openThroughProxy();
    proxy.stall();
    proxy.cut();
    await proxy.until((connections) => connections === 0);
    await proxy.until((connections) => connections > 0);

    await bus.close();
    proxy.resume();

    await proxy.until((connections) => connections === 0);
  });

  it('the bus detects a silent connection, reports an interruption, and receives writes after reconnecting', async () => {
    const { bus, proxy } = await stage.openThroughProxy(500);
    const listener = aTestListener();
    const end = await bus.subscribe(listener);

    proxy.stall();
    await listener.until(({ interruptions }) => interruptions() > 0);
    const refusal = await failureOf(bus.subscribe(aTestListener()));
    proxy.resume();
    const again = aTestListener();
    const endAgain = await subscribed(bus, again);
    await flush(await stage.open(aName()), again);

    expect(refusal).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    endAgain();
    end();
  });
});

describe.each(networked)('the %s bus on the wire', (_name, stage) => {
  it('the bus sends a goodbye message when it is closed', async () => {
    const bus = await stage.open(aName());
    const listener = aTestListener();
    const end = await (await stage.open(aName())).subscribe(listener);
    const received = await stage.recordMessages();
    bus.publish([aRange()]);

    await bus.close();
    await flush(await stage.open(aName()), listener);

    const messages = received.map((text) => JSON.parse(text));
    const { origin } = messages.find(({ ranges }) => ranges);
    expect(messages.filter((message) => message.origin === origin).at(-1)).toEqual({ origin, number: 1, isLast: true });
    expect(listener.interruptions()).toBe(0);
    end();
  });
});

/** Subscribes as soon as the bus accepts it. */
async function subscribed(bus: Bus, listener: TestListener): Promise<() => void> {
  for (;;) {
    try {
      return await bus.subscribe(listener);
    } catch {
      await new Promise(setImmediate);
    }
  }
}
