import { describe, expect, it } from '@jest/globals';
import { userViewer, type Viewer } from '../../../src/auth/viewer.ts';
import { createMemoryBus } from '../../../src/live/bus/bus.ts';
import { createNotificationEvents } from '../../../src/live/events/notification-events.ts';
import { createNotifications, updateNotifications } from '../../../src/notifications/write.ts';
import { servicePrisma } from '../../../src/prisma.ts';
import { failureOf } from '../../notifications/people.ts';
import { useTestApp } from '../../support/app.ts';
import { identityOf } from '../../support/identity.ts';
import { withStatements } from '../../support/statements.ts';
import { postgresStage } from '../bus/bus-stage.ts';

describe('the notification events of a node', () => {
  const app = useTestApp();
  const viewerOf = (name: 'alice' | 'bob'): Viewer => userViewer(app().people[name].id, 'member');

  /** The events of a node, over a database that records its queries. */
  const anEventSource = () => {
    const bus = createMemoryBus();
    const queries: string[] = [];
    const errors: unknown[] = [];
    const db = withStatements(app().db, {
      query: (sql) => {
        queries.push(sql.name ?? sql.text);
        return app().db.query(sql);
      },
    });
    const notificationEvents = createNotificationEvents({
      prisma: servicePrisma(db),
      bus,
      identity: identityOf(db),
      onError: (error) => errors.push(error),
    });
    const context = { ...app().contextOf(app().people.admin), bus };
    return { bus, queries, errors, notificationEvents, context };
  };
  const to = (name: 'alice' | 'bob', subject: string) => ({ recipient: app().people[name].id, subject });

  it('a write is read once for all subscribers, and not at all if no subscriber may see it', async () => {
    const { queries, notificationEvents, context } = anEventSource();
    const one = await notificationEvents.subscribe(viewerOf('alice'));
    const two = await notificationEvents.subscribe(viewerOf('alice'));
    const next = Promise.all([one.next(), two.next()]);

    await createNotifications(context, [to('bob', 'not hers')]);
    await createNotifications(context, [to('alice', 'hers')]);

    expect((await next).map(({ value }) => value.notification.subject)).toEqual(['hers', 'hers']);
    expect(queries).toEqual(['changes_in']);
  });

  it('events are sent in the order of the writes', async () => {
    const { notificationEvents, context } = anEventSource();
    const events = await notificationEvents.subscribe(viewerOf('alice'));

    const subjects = Array.from({ length: 20 }, (_, index) => `${index}`);
    for (const subject of subjects) await createNotifications(context, [to('alice', subject)]);
    const seen = [];
    for (const _ of subjects) seen.push((await events.next()).value.notification.subject);

    expect(seen).toEqual(subjects);
  });

  it('no events are sent after the reader has stopped', async () => {
    const { queries, notificationEvents, context } = anEventSource();
    const events = await notificationEvents.subscribe(viewerOf('alice'));

    await events.return?.();
    await createNotifications(context, [to('alice', 'unsent')]);

    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(queries).toEqual([]);
  });

  it('all subscriptions fail with an error when reading the events fails', async () => {
    const bus = createMemoryBus();
    const errors: unknown[] = [];
    const broken = withStatements(app().db, { query: () => Promise.reject(new Error('no database')) });
    const notificationEvents = createNotificationEvents({
      prisma: servicePrisma(broken),
      bus,
      identity: identityOf(broken),
      onError: (error) => errors.push(error),
    });
    const events = await notificationEvents.subscribe(viewerOf('alice'));

    bus.publish([{ recipient: app().people.alice.id, from: 0, to: 1 }]);

    await expect(events.next()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(errors).toHaveLength(1);
  });

  it('all subscriptions fail with an error when the bus is interrupted', async () => {
    const stage = await postgresStage();
    const bus = await stage.open('deaf');
    const notificationEvents = createNotificationEvents({
      prisma: servicePrisma(app().db),
      bus,
      identity: identityOf(app().db),
      onError: () => undefined,
    });
    const events = await notificationEvents.subscribe(viewerOf('alice'));
    const failure = failureOf(events.next());

    await stage.cut('deaf');

    expect(await failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'subscriptions' });
    await stage.close();
  });

  it('every subscription ends when the node stops', async () => {
    const { notificationEvents } = anEventSource();
    const pending = (await notificationEvents.subscribe(viewerOf('bob'))).next();

    notificationEvents.stop();

    await expect(pending).resolves.toEqual({ done: true, value: undefined });
  });

  it('a subscriber gets only the kind of events it queries for', async () => {
    const { notificationEvents, context } = anEventSource();
    const events = await notificationEvents.subscribe(viewerOf('alice'), 'update');

    const [row] = await createNotifications(context, [to('alice', 'created')]);
    await updateNotifications(context, [row?.id ?? 0], { subject: 'updated' });

    expect(await events.next()).toMatchObject({ value: { kind: 'update', notification: { subject: 'updated' } } });
  });
});
