import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, subscribe } from 'graphql';
import { schema } from '../../src/schema/schema.ts';
import { type Caller, callerNames, createWorld, type Outcome, viewerOf, type World } from './callers.ts';
import { expectedOf, isAllowed, type OperationRows, row } from './row.ts';

const inbox = 'member reader operator admin +inbox +admin';

/** Every field of `Subscription`. */
const rows: OperationRows = {
  inbox_changes: row('notifications.read_own', inbox, () => 'subscription { inbox_changes { kind } }'),
  directus_notifications_mutated: row(
    ['notifications.read_own', 'notifications.read_all'],
    inbox,
    () => 'subscription { directus_notifications_mutated { key } }',
  ),
  export_user: row(
    'user_data.export_own',
    'member reader operator admin +admin',
    () => 'subscription { export_user { type } }',
  ),
};

describe('the rights of subscriptions', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  /** Begins the subscription in this process, because a stream that is allowed does not end. */
  async function begin({ app }: World, { name, id }: Caller, document: string): Promise<Outcome> {
    const viewer = viewerOf(name);
    const contextValue = {
      ...app.contextOf(app.people.admin),
      viewer: viewer.kind === 'user' ? { ...viewer, id } : viewer,
    };
    const stream = await subscribe({ schema, document: parse(document), contextValue });
    if (!('return' in stream)) return 'refused';
    await stream.return(undefined);
    return 'allowed';
  }

  it('every subscription has a row: to add one, describe it above', () => {
    expect(Object.keys(rows).sort()).toEqual(Object.keys(schema.getSubscriptionType()?.getFields() ?? {}).sort());
  });

  it.each(Object.entries(rows))('%s: callers are answered as its row and the matrix say', async (_key, given) => {
    const { action, request } = given;
    const observed: Record<string, string> = {};
    for (const caller of world.callers) {
      observed[caller.name] = await begin(world, caller, String(await request(world, caller)));
    }

    expect(observed).toEqual(expectedOf(callerNames, given));
    const allowed = callerNames.filter((name) => action !== 'public' && isAllowed(viewerOf(name), action));
    expect(callerNames.filter((name) => observed[name] === 'allowed')).toEqual(allowed);
  });
});
