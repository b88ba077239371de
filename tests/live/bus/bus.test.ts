import { afterAll, describe, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import type { Bus } from '../../../src/live/bus/bus.ts';
import type { VersionRange } from '../../../src/notifications/ranges.ts';
import { failureOf } from '../../notifications/people.ts';
import { anEar, type BusStage, type Ear, memoryStage, postgresStage, redisStage } from './bus-stage.ts';

const stages: [string, BusStage | null][] = [
  ['memory', await memoryStage()],
  ['postgres', await postgresStage()],
  ['redis', await redisStage()],
];
afterAll(async () => {
  for (const [, stage] of stages) await stage?.close();
});
const present = stages.flatMap(([name, stage]): [string, BusStage][] => (stage ? [[name, stage]] : []));
const apart = present.filter(([name]) => name !== 'memory');

if (present.length < stages.length) {
  process.stderr.write('There is no Redis: the cases of the Redis bus are skipped.\n');
  describe.skip('the redis bus', () => it('carries writes', () => undefined));
}

let made = 0;
const aName = () => {
  made += 1;
  return `bus_${made}`;
};
const aRange = (recipient: string = uuid()): VersionRange => ({ recipient, from: 0, to: 1 });
const numbers = (count: number, first = 1) => Array.from({ length: count }, (_, place) => first + place);
/** With what may be left out when there is none of it. */
const whole = (ranges: readonly VersionRange[]) =>
  ranges.map(({ updated = [], deleted = [], ...range }) => ({ ...range, updated, deleted }));
const hasHeard = (recipient: string) => (ear: Ear) => ear.writes.flat().some((range) => range.recipient === recipient);

/** Two processes, and who hears of every write in each. */
async function twoOn({ open }: BusStage) {
  const names = { one: aName(), two: aName() };
  const buses = { one: await open(names.one), two: await open(names.two) };
  const ears = { one: anEar(), two: anEar() };
  const ends = [await buses.one.subscribe(ears.one), await buses.two.subscribe(ears.two)];
  const end = () => {
    for (const endOne of ends) endOne();
  };
  return { names, ...buses, ears, end };
}

/** Publishes one more write and waits until it is heard: what was published before is through. */
async function flush(bus: Bus, ...ears: readonly Ear[]): Promise<void> {
  const marker = aRange();
  bus.publish([marker]);
  await Promise.all(ears.map((ear) => ear.until(hasHeard(marker.recipient))));
  for (const ear of ears)
    ear.writes.splice(
      ear.writes.findIndex(([range]) => range?.recipient === marker.recipient),
      1,
    );
}

describe.each(present)('the %s bus', (_name, stage) => {
  it('brings a write to every process once, its own included', async () => {
    const { one, two, ears, end } = await twoOn(stage);
    const write = [{ ...aRange(), updated: [3], deleted: [4] }, aRange()];

    one.publish(write);
    await ears.two.until(({ writes }) => writes.length > 0);
    await flush(two, ears.one, ears.two);

    expect(ears.one.writes.map(whole)).toEqual([whole(write)]);
    expect(ears.two.writes.map(whole)).toEqual([whole(write)]);
    end();
  });

  it('brings a write whole, however long', async () => {
    const { one, ears, end } = await twoOn(stage);
    const write = [
      { ...aRange(), updated: numbers(5_000, 2 ** 50), deleted: numbers(321) },
      ...numbers(3_000).map(() => aRange()),
      { ...aRange(), updated: [], deleted: numbers(999) },
    ];

    one.publish(write);
    await flush(one, ears.one, ears.two);

    expect(ears.one.writes.map(whole)).toEqual([whole(write)]);
    expect(ears.two.writes.map(whole)).toEqual([whole(write)]);
    end();
  });

  it('keeps the order of the writes of a process', async () => {
    const { one, two, ears, end } = await twoOn(stage);
    const writes = numbers(2_000).map((to) => [{ ...aRange(), from: to - 1, to }]);

    for (const write of writes) one.publish(write);
    await flush(one, ears.one, ears.two);
    await flush(two, ears.one, ears.two);

    expect(ears.one.writes.map(whole)).toEqual(writes.map(whole));
    expect(ears.two.writes.map(whole)).toEqual(writes.map(whole));
    end();
  });

  it('tells a follower of its inbox alone, once, in its own process and in others', async () => {
    const { one, two, end } = await twoOn(stage);
    const recipient = uuid();
    const followers = { one: anEar(), two: anEar() };
    const ends = [one.follow(recipient, followers.one), two.follow(recipient, followers.two)];
    if (stage.tellsWhenHeard) {
      await Promise.all([followers.one, followers.two].map((ear) => ear.until((one) => one.interruptions() > 0)));
    }

    one.publish([aRange(), { recipient, from: 4, to: 6 }, aRange()]);
    two.publish([aRange()]);
    two.publish([{ recipient, from: 6, to: 7 }]);
    await followers.one.until(({ writes }) => writes.some(([range]) => range?.to === 7));
    await followers.two.until(({ writes }) => writes.some(([range]) => range?.to === 6));

    const told = (ear: Ear) => ear.writes.map((ranges) => ranges.map(({ from, to }) => `${from}-${to}`).join());
    expect(told(followers.one)).toEqual(['4-6', '6-7']);
    expect(told(followers.two).toSorted()).toEqual(['4-6', '6-7']);
    for (const endOne of ends) endOne();
    end();
  });

  it('tells of nothing any more when listening has ended', async () => {
    const { one, two, ears, end } = await twoOn(stage);
    const witness = anEar();
    const endWitness = await two.subscribe(witness);

    end();
    one.publish([aRange()]);
    await flush(one, witness);

    expect([...ears.one.writes, ...ears.two.writes]).toEqual([]);
    endWitness();
  });

  it('says nothing of a write without ranges', async () => {
    const { one, ears, end } = await twoOn(stage);

    one.publish([]);
    await flush(one, ears.one, ears.two);

    expect([...ears.one.writes, ...ears.two.writes]).toEqual([]);
    end();
  });
});

describe.each(apart)('the %s bus without its connection', (_name, stage) => {
  it('tells its listeners, and brings writes again afterwards', async () => {
    const { names, one, two, ears, end } = await twoOn(stage);
    const recipient = uuid();
    const follower = anEar();
    const endFollower = two.follow(recipient, follower);
    if (stage.tellsWhenHeard) await follower.until((ear) => ear.interruptions() > 0);
    const before = follower.interruptions();

    await stage.cut(names.two);
    await ears.two.until((ear) => ear.interruptions() > 0);
    await follower.until((ear) => ear.interruptions() > before);
    const again = anEar();
    const endAgain = await subscribed(two, again);
    one.publish([{ recipient, from: 0, to: 1 }]);
    await again.until(hasHeard(recipient));

    expect(ears.one.interruptions()).toBe(0);
    expect(again.writes.map(whole)).toEqual([whole([aRange(recipient)])]);
    endAgain();
    endFollower();
    end();
  });

  it('refuses to let anybody hear of every write', async () => {
    const { names, two, ears, end } = await twoOn(stage);
    const cut = stage.cut(names.two);
    await ears.two.until((ear) => ear.interruptions() > 0);

    const refusal = await failureOf(two.subscribe(anEar()));

    expect(refusal).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'subscriptions' });
    await cut;
    end();
  });

  it('keeps what it publishes meanwhile for the others, in order', async () => {
    const { names, one, ears, end } = await twoOn(stage);
    await flush(one, ears.one, ears.two);
    const cut = stage.cut(names.one);
    const writes = numbers(50).map(() => [aRange()]);
    for (const write of writes.slice(0, 25)) one.publish(write);
    await ears.one.until((ear) => ear.interruptions() > 0);
    for (const write of writes.slice(25)) one.publish(write);
    await cut;

    await flush(one, ears.two);

    expect(ears.two.writes.map(whole)).toEqual(writes.map(whole));
    expect(ears.two.interruptions()).toBe(0);
    end();
  });

  it('brings what others publish meanwhile or says that something is missing', async () => {
    const { names, one, ears, end } = await twoOn(stage);
    await flush(one, ears.one, ears.two);

    const cut = stage.cut(names.two);
    const recipient = uuid();
    one.publish([aRange(recipient)]);
    await ears.two.until((ear) => ear.interruptions() > 0 || hasHeard(recipient)(ear));

    await cut;
    end();
  });
});

describe.each(apart)('the %s bus on a bad line', (_name, stage) => {
  it('leaves no connection behind when it is closed while it connects', async () => {
    const { bus, line } = await stage.openOnLine();
    line.stall();
    line.cut();
    await line.until((connections) => connections === 0);
    await line.until((connections) => connections > 0);

    await bus.close();
    line.resume();

    await line.until((connections) => connections === 0);
  });

  it('notices that nothing passes any more, says so, and hears again on a line that works', async () => {
    const { bus, line } = await stage.openOnLine(500);
    const ear = anEar();
    const end = await bus.subscribe(ear);

    line.stall();
    await ear.until(({ interruptions }) => interruptions() > 0);
    const refusal = await failureOf(bus.subscribe(anEar()));
    line.resume();
    const again = anEar();
    const endAgain = await subscribed(bus, again);
    await flush(await stage.open(aName()), again);

    expect(refusal).toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    endAgain();
    end();
  });
});

describe.each(apart)('the %s bus on the wire', (_name, stage) => {
  it('says farewell when it is closed', async () => {
    const bus = await stage.open(aName());
    const ear = anEar();
    const end = await (await stage.open(aName())).subscribe(ear);
    const heard = await stage.overhear();
    bus.publish([aRange()]);

    await bus.close();
    await flush(await stage.open(aName()), ear);

    const said = heard.map((text) => JSON.parse(text));
    const { origin } = said.find(({ ranges }) => ranges);
    expect(said.filter((message) => message.origin === origin).at(-1)).toEqual({ origin, number: 1, isLast: true });
    expect(ear.interruptions()).toBe(0);
    end();
  });
});

/** Subscribes as soon as it is let. */
async function subscribed(bus: Bus, ear: Ear): Promise<() => void> {
  for (;;) {
    try {
      return await bus.subscribe(ear);
    } catch {
      await new Promise(setImmediate);
    }
  }
}
