import { describe, expect, it } from '@jest/globals';
import type { Viewer } from '../../../src/auth/viewer.ts';
import type { Queryable } from '../../../src/database/database.ts';
import { memoryBus } from '../../../src/live/bus/bus.ts';
import { createMutations } from '../../../src/live/events/mutations.ts';
import { createNotifications, updateNotifications } from '../../../src/notifications/write.ts';
import { failureOf } from '../../notifications/people.ts';
import { useTestApp } from '../../support/app.ts';
import { identityOf } from '../../support/identity.ts';
import { postgresStage } from '../bus/bus-stage.ts';

describe('the mutations of a node', () => {
  const app = useTestApp();
  const viewerOf = (name: 'alice' | 'bob'): Viewer => ({ kind: 'user', id: app().people[name].id, role: 'member' });

  /** A hub over a database that counts what is asked of it. */
  const aHub = () => {
    const bus = memoryBus();
    const asked: string[] = [];
    const errors: unknown[] = [];
    const db: Queryable = {
      query: (sql) => {
        asked.push(sql.name ?? sql.text);
        return app().db.query(sql);
      },
    };
    const mutations = createMutations({ db, bus, identity: identityOf(db), onError: (error) => errors.push(error) });
    const context = { ...app().contextOf(app().people.admin), bus };
    return { bus, asked, errors, mutations, context };
  };
  const to = (name: 'alice' | 'bob', subject: string) => ({ recipient: app().people[name].id, subject });

  it('reads a write once for all subscribers, and not at all when it concerns none', async () => {
    const { asked, mutations, context } = aHub();
    const one = await mutations.subscribe(viewerOf('alice'));
    const two = await mutations.subscribe(viewerOf('alice'));
    const next = Promise.all([one.next(), two.next()]);

    await createNotifications(context, [to('bob', 'not hers')]);
    await createNotifications(context, [to('alice', 'hers')]);

    expect((await next).map(({ value }) => value.notification.subject)).toEqual(['hers', 'hers']);
    expect(asked).toEqual(['changes_in']);
  });

  it('keeps the order of the writes', async () => {
    const { mutations, context } = aHub();
    const events = await mutations.subscribe(viewerOf('alice'));

    const subjects = Array.from({ length: 20 }, (_, place) => `${place}`);
    for (const subject of subjects) await createNotifications(context, [to('alice', subject)]);
    const seen = [];
    for (const _ of subjects) seen.push((await events.next()).value.notification.subject);

    expect(seen).toEqual(subjects);
  });

  it('tells of nothing after the reader stopped', async () => {
    const { asked, mutations, context } = aHub();
    const events = await mutations.subscribe(viewerOf('alice'));

    await events.return?.();
    await createNotifications(context, [to('alice', 'unheard')]);

    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(asked).toEqual([]);
  });

  it('ends its subscribers, and says so, when it cannot read what happened', async () => {
    const bus = memoryBus();
    const errors: unknown[] = [];
    const broken: Queryable = { query: () => Promise.reject(new Error('no database')) };
    const mutations = createMutations({
      db: broken,
      bus,
      identity: identityOf(broken),
      onError: (error) => errors.push(error),
    });
    const events = await mutations.subscribe(viewerOf('alice'));

    bus.publish([{ recipient: app().people.alice.id, from: 0, to: 1 }]);

    await expect(events.next()).rejects.toMatchObject({ code: 'SERVICE_UNAVAILABLE' });
    expect(errors).toHaveLength(1);
  });

  it('ends its subscribers, and says so, when it cannot hear other nodes', async () => {
    const stage = await postgresStage();
    const bus = await stage.open('deaf');
    const mutations = createMutations({ db: app().db, bus, identity: identityOf(app().db), onError: () => undefined });
    const events = await mutations.subscribe(viewerOf('alice'));
    const failure = failureOf(events.next());

    await stage.cut('deaf');

    expect(await failure).toMatchObject({ code: 'SERVICE_UNAVAILABLE', service: 'subscriptions' });
    await stage.close();
  });

  it('ends every subscription when it is stopped', async () => {
    const { mutations } = aHub();
    const pending = (await mutations.subscribe(viewerOf('bob'))).next();

    mutations.stop();

    await expect(pending).resolves.toEqual({ done: true, value: undefined });
  });

  it('gives a subscriber of one kind only that kind', async () => {
    const { mutations, context } = aHub();
    const events = await mutations.subscribe(viewerOf('alice'), 'update');

    const [row] = await createNotifications(context, [to('alice', 'created')]);
    await updateNotifications(context, [row?.id ?? 0], { subject: 'updated' });

    expect(await events.next()).toMatchObject({ value: { kind: 'update', notification: { subject: 'updated' } } });
  });
});
