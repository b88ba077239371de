import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createNotifications } from '../../src/notifications/write.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';
import { aKey, aToken, audience, issuerName, type ProviderKey, startProvider } from './identity-provider.ts';
import { type Load, type SignedToken, signedToken, startLoad, type TokenSource } from './rotation-stage.ts';

const algorithms = ['RS256', 'ES256', 'EdDSA'] as const;
const rotations = 2;
const save = 'mutation ($data: save_issuer_input!) { save_issuer(data: $data) { id } }';
const mint = `mutation ($user: ID!) {
  mint_user_token(data: { user: $user, expires_in: 3600, scopes: [inbox] }) { token } }`;

const newKeys = (number: number) => Promise.all(algorithms.map((alg) => aKey(alg, `${alg}-${number}`)));

describe('two nodes under load', () => {
  const clock = { aheadMs: 0 };
  const nodes: TestApp[] = [];
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let keys: readonly ProviderKey[];
  beforeAll(async () => {
    const environment = { WRONG_TOKEN_LIMIT: '0', EVENT_BUS: 'postgres' };
    const now = () => new Date(Date.now() + clock.aheadMs);
    keys = await newKeys(0);
    provider = await startProvider(keys);
    const first = await startTestApp(environment, { now });
    nodes.push(first, await startTestApp(environment, { now, nodeOf: first }));
    const data = { issuer: issuerName, jwks_url: provider.url, audience: [audience], user_key: 'id' };
    const { body } = await graphql(first, first.people.admin, save, { data });
    expect(body.errors).toBeUndefined();
  }, 120_000);
  afterAll(async () => {
    for (const node of nodes.reverse()) await node.stop();
    await provider?.stop();
  });

  const node = (number: number) => nodes[number % nodes.length] as TestApp;
  const askAdmin = async (number: number, query: string, variables?: Readonly<Record<string, unknown>>) => {
    const { body } = await graphql(node(number), node(number).people.admin, query, variables);
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  };

  /** Tokens that the service mints, on the nodes in turn. */
  function minting(): TokenSource {
    let made = 0;
    return {
      name: 'minted',
      async create() {
        made += 1;
        const { mint_user_token: minted } = await askAdmin(made, mint, { user: node(0).people.alice.id });
        return signedToken(minted.token);
      },
    };
  }

  /** Tokens of the application, by its newest key of the algorithm. */
  function signing(position: number): TokenSource {
    let made = 0;
    return {
      name: algorithms[position] ?? '',
      async create() {
        made += 1;
        const key = keys[position] as ProviderKey;
        const seconds = Math.floor(Date.now() / 1000);
        const claims = { sub: node(0).people.alice.id, jti: `${made}`, iat: seconds, exp: seconds + 3600 };
        return signedToken(await aToken(key, claims));
      },
    };
  }

  /** Makes a new key of the service; removes the one before the previous one. */
  async function rotateOwnKeys(number: number, { removing }: Load): Promise<void> {
    const { signing_keys: before } = await askAdmin(number, '{ signing_keys { id } }');
    for (const { id } of before.slice(1)) removing.add(id);
    await askAdmin(number, 'mutation { rotate_signing_keys { id } }');
  }

  it('refuse no token while keys are rotated, but those of removed keys, and every follower resumes', async () => {
    const { alice, admin } = node(0).people;
    const written: string[] = [];
    let reads = 0;
    const write = async () => {
      const subject = `${written.length}`;
      written.push(subject);
      await createNotifications(node(written.length).contextOf(admin), [{ recipient: alice.id, subject }]);
    };
    const load = startLoad(nodes, () => {
      reads += 1;
      if (reads % 20 === 0) write().catch((error) => void load.faults.push(String(error)));
    });
    const sources = [minting(), ...algorithms.map((_, position) => signing(position))];
    for (const [number, source] of sources.entries()) {
      load.read(source, { keeps: true });
      load.read(source, { keeps: false });
      load.follow(source, node(number), 'websocket');
      load.follow(source, node(number + 1), 'sse');
    }
    const showsAll = async () => {
      const expected = written.length;
      await load.followed(({ total, items }) => total >= expected && items.length === total);
    };
    try {
      await load.progress();
      await showsAll();

      for (let rotation = 1; rotation <= rotations; rotation += 1) {
        const old: SignedToken[] = await Promise.all(sources.map(({ create }) => create()));
        await rotateOwnKeys(rotation, load);
        await load.progress();
        const earlier = keys;
        const next = await newKeys(rotation);
        provider.publish([...earlier, ...next]);
        keys = next;
        await load.progress();

        for (const { kid } of earlier) load.removing.add(kid);
        provider.publish(next);
        await rotateOwnKeys(rotation + 1, load);
        clock.aheadMs += 60_000;
        await load.progress();

        for (const { text, kid } of old) {
          expect(load.removing).toContain(kid);
          for (const one of nodes) {
            expect((await graphql(one, { id: '', token: text }, '{ inbox { total_count } }')).status).toBe(401);
          }
        }
        await showsAll();
      }
    } finally {
      await load.end();
    }
    expect(load.faults).toEqual([]);
  }, 240_000);
});
