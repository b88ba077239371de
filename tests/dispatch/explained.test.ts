import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { v4 as uuid } from 'uuid';
import { explanationOf } from '../../src/deliveries/explanation.ts';
import type { Delivery } from '../../src/deliveries/model.ts';
import { sendAndListSkipped } from '../../src/dispatch/enqueue.ts';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import type { BatchMethod } from '../../src/dispatch/methods/method.ts';
import { type Explanation, explain } from '../../src/preferences/explain.ts';
import { weekdays } from '../../src/preferences/quiet-hours.ts';
import { aCounter, aMethod, aStage, type Stage } from './stage.ts';

/** Another one for each run: `EXPLAINED_SEED=7`. */
const seed = Number(process.env['EXPLAINED_SEED'] ?? 21);
const counts = { users: 100, templates: 20, categories: 5 };
const channels = ['smtp', 'webhook', 'inbox'];
const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kolkata', null];

/** Numbers from 0 to 1 that depend on the seed only (mulberry32). */
function randomOf(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const random = randomOf(seed);
const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)] as Item;
const some = <Item>(items: readonly Item[], share = 0.5): Item[] => items.filter(() => random() < share);
const sequence = (length: number) => Array.from({ length }, (_, index) => index);
const twoDigits = (value: number) => `${Math.floor(value)}`.padStart(2, '0');
const localTime = () => `${twoDigits(random() * 24)}:${twoDigits(random() * 60)}`;

/** In the future, so that nothing that is held comes due; on both sides of changes of the clocks. */
const at = new Date(Date.UTC(2030, pick([2, 3, 8, 9, 10]), 1 + Math.floor(random() * 28), Math.floor(random() * 24)));

let stage: Stage;
const categories = sequence(counts.categories).map((index) => `category-${index}`);
const templates = sequence(counts.templates).map(() => uuid());
const users = sequence(counts.users).map(() => uuid());

beforeAll(async () => {
  // Templates that say so go by webhook, which is not configured.
  stage = await aStage({ SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' });
  const { prisma } = stage;
  await prisma.category.createMany({
    data: categories.map((key) => ({
      ...{ key, name: key },
      required_channels: some(channels, 0.15),
      default_channels: some(channels),
    })),
  });
  await prisma.template.createMany({
    data: templates.map((id) => ({
      ...{ id, name: id, title_template: 'Title', body_template: 'Body' },
      method: pick([null, null, 'smtp', 'webhook', 'inbox']),
      enabled_by_default: random() < 0.8,
      category_key: random() < 0.7 ? pick(categories) : null,
    })),
  });
  await prisma.user.createMany({
    data: users.map((id) => ({
      ...{ id, email: `${id}@example.com`, timezone: pick(zones) },
      status: random() < 0.1 ? 'suspended' : 'active',
    })),
  });
  const choosing = some(users, 0.9);
  await prisma.preference.createMany({
    data: choosing.flatMap((user_id) =>
      some(templates, 0.15).map((template_id) => ({
        ...{ user_id, template_id },
        disabled: random() < 0.6,
        unsubscribed: random() < 0.2,
      })),
    ),
  });
  await prisma.choice.createMany({
    data: choosing.flatMap((user_id) => {
      const levels = [
        ...channels.map((channel) => ({ channel })),
        ...categories.flatMap((category_key) => [null, ...channels].map((channel) => ({ category_key, channel }))),
        ...templates.flatMap((template_id) => channels.map((channel) => ({ template_id, channel }))),
      ];
      return some(levels, 0.1).map((level) => ({ user_id, ...level, is_on: random() < 0.5 }));
    }),
  });
  await prisma.quietHours.createMany({
    data: some(users).map((user_id) => ({
      user_id,
      windows: sequence(1 + Math.floor(random() * 3)).map(() => ({
        days: some(weekdays, 0.7),
        ...{ from: localTime(), until: localTime() },
      })),
      breakthrough: some(categories, 0.2),
    })),
  });
});
afterAll(() => stage.close());

/** What `explain` says about each user, template and channel. */
async function explainAll(): Promise<ReadonlyMap<string, Explanation>> {
  const explanations = new Map<string, Explanation>();
  for (const template of templates) {
    await Promise.all(
      users.map(async (user) => {
        const told = await explain({ ...stage.contextOf({ id: user, email: '' }), now: () => at }, 'me', { template });
        for (const one of told) explanations.set(`${template} ${user} ${one.channel}`, one);
      }),
    );
  }
  return explanations;
}

it(`what explain says is what the deliveries become, for ${counts.users * counts.templates} messages (seed ${seed})`, async () => {
  const explained = await explainAll();
  const wanted = [...explained.values()];
  const mails = wanted.filter(
    ({ channel, verdict, rule }) => channel === 'smtp' && (verdict === 'sends' || rule === 'user_suspended'),
  );
  const items = wanted.filter(({ channel, verdict }) => channel === 'inbox' && verdict === 'sends');
  const inbox = createInbox({ prisma: stage.prisma, bus: { publish: () => undefined }, now: () => at });
  const delivered = aCounter();
  const deliverMany: BatchMethod['deliverMany'] = async (messages, lease) => {
    const outcomes = await inbox.deliverMany(messages, lease);
    delivered.add(messages.length - outcomes.size);
    return outcomes;
  };
  const context = { ...stage.admin, now: () => at };

  for (const template of templates) {
    await sendAndListSkipped(context, { template, recipients: users, dedupe: false });
  }
  const dispatcher = stage.start({ methods: [aMethod('smtp'), { ...inbox, deliverMany }], now: () => at });
  await Promise.all([stage.settled(mails.length), delivered.reached(items.length)]);
  await dispatcher.stop();

  const rows = await stage.db.query<Delivery>({
    text: `select template_id, user_id, method, status, status_reason, rule, next_retry_after from deliveries`,
    values: [],
  });
  const became = new Map(rows.map((row) => [`${row.template_id} ${row.user_id} ${row.method}`, explanationOf(row)]));
  for (const [key, { verdict, rule, until }] of explained) {
    const delivery = became.get(key);
    // What no method sends has no delivery.
    if (rule === 'channel_not_configured' && verdict === 'left_out') expect([key, delivery]).toEqual([key, undefined]);
    else expect({ key, ...delivery }).toMatchObject({ key, verdict, rule });
    if (until === null) continue;
    const late = (delivery?.until?.getTime() ?? 0) - until.getTime();
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThanOrEqual(60_000);
  }
  expect(became.size).toBe(rows.length);
  // The test would prove little if one rule decided everything.
  expect(new Set(wanted.map(({ rule }) => rule)).size).toBeGreaterThan(10);
}, 240_000);
