import { afterAll, describe, expect, it } from '@jest/globals';
import { exportSPKI, importJWK, type JWTPayload, SignJWT } from 'jose';
import { v7 as uuid } from 'uuid';
import { onTestDatabase } from '../support/database.ts';
import { aKey, aNode, aToken, audience, issuerName, startProvider } from './identity-provider.ts';

const { db } = await onTestDatabase();
const key = await aKey('RS256', 'one');
const evil = await aKey('RS256', 'one');
const provider = await startProvider([key]);
const lure = await startProvider([evil]);
const node = aNode(db, { jwks_url: provider.url });
const sub = uuid();
await db.prisma.user.create({ data: { id: uuid(), external_id: sub } });
afterAll(() => Promise.all([provider.stop(), lure.stop()]));

const encode = (value: object | string) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const valid = (claims: JWTPayload = {}, header = {}) => aToken(key, { sub, ...claims }, header);
const partsOf = async (token: Promise<string>) => (await token).split('.') as [string, string, string];
const seconds = () => Math.floor(Date.now() / 1000);

const attacks: Readonly<Record<string, () => Promise<string>>> = {
  'the algorithm none': async () => {
    const [, claims] = await partsOf(valid());
    return `${encode({ alg: 'none', typ: 'JWT', kid: 'one' })}.${claims}.`;
  },
  'the algorithm none in another letter case, with the signature kept': async () => {
    const [, claims, signature] = await partsOf(valid());
    return `${encode({ alg: 'nOnE', kid: 'one' })}.${claims}.${signature}`;
  },
  'the public key used as a shared secret': async () => {
    const publicKey = await importJWK(key.jwk, 'RS256');
    if (publicKey instanceof Uint8Array) throw new Error('no key pair');
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    return aToken({ kid: 'one', alg: 'HS256', privateKey: secret }, { sub });
  },
  'a public key in the header': () => aToken(evil, { sub }, { jwk: evil.jwk }),
  'an address of keys in the header': () => aToken(evil, { sub }, { jku: lure.url }),
  'an address of a certificate in the header': () => aToken(evil, { sub }, { x5u: lure.url, x5c: ['AAAA'] }),
  'a kid that is a path': () => aToken({ ...evil, kid: '../../../../dev/null' }, { sub }),
  'a kid that is SQL': () => aToken({ ...evil, kid: "one' or '1'='1" }, { sub }),
  'a kid that is no text': () => aToken(evil, { sub }, { kid: { toString: 'one' } }),
  'a kid that every object has as a property': () => aToken({ ...evil, kid: '__proto__' }, { sub }),
  'the kid of a known key and the signature of another key': () => aToken(evil, { sub }),
  'an algorithm of another type of key': async () => aToken(await aKey('ES256', 'one'), { sub }),
  'a wrong audience': () => valid({ aud: 'another application' }),
  'no audience': () => valid({ aud: undefined } as never),
  'a time before which it is not valid, in the future': () => valid({ nbf: seconds() + 3600 }),
  'no expiry': () => valid({ exp: undefined } as never),
  'an expiry that is no number': () => valid({ exp: '9999999999' } as never),
  'the type of a logout token': () => valid({}, { typ: 'logout+jwt' }),
  'the type of a proof of possession': () => valid({}, { typ: 'dpop+jwt' }),
  'a type that is no text': () => valid({}, { typ: ['JWT'] }),
  'an unknown extension that is marked as critical': () =>
    new SignJWT({ iss: issuerName, aud: audience, sub, exp: seconds() + 60 })
      .setProtectedHeader({ alg: 'RS256', kid: 'one', crit: ['extension'], extension: 1 })
      .sign(key.privateKey, { crit: { extension: true } }),
  'changed claims': async () => {
    const [header, , signature] = await partsOf(valid());
    const claims = { iss: 'https://login.example.com', aud: 'tidings-of-the-application', sub, exp: seconds() + 60 };
    return `${header}.${encode(claims)}.${signature}`;
  },
  'an empty signature': async () => (await partsOf(valid())).slice(0, 2).join('.').concat('.'),
  'a changed signature': async () => {
    const [header, claims, signature] = await partsOf(valid());
    return `${header}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  },
  'no user': () => valid({ sub: undefined } as never),
  'a user that is an object': () => valid({ sub: { external_id: sub } } as never),
  'a claim twice, of which only the first is right': async () => {
    const [header, , signature] = await partsOf(valid());
    const text = `{"iss":"https://login.example.com","aud":"tidings-of-the-application","sub":"${sub}","sub":"x","exp":${seconds() + 60}}`;
    return `${header}.${encode(text)}.${signature}`;
  },
};

describe('a token of the application is refused with', () => {
  it.each(Object.keys(attacks))('%s', async (name) => {
    const token = await attacks[name]?.();

    const refused = node.authenticate(token ?? '').then((viewer) => viewer?.id);

    await expect(refused).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(lure.requests()).toBe(0);
  });

  it.each<[string, () => Promise<string> | string]>([
    ['an issuer that nobody configured', () => valid({ iss: 'https://evil.example.com' })],
    ['an issuer that is a list', () => valid({ iss: ['https://login.example.com'] } as never)],
    ['8 MB', () => `${encode({ alg: 'RS256' })}.${'A'.repeat(8_000_000)}.AAAA`],
    ['claims that are no object', () => `${encode({ alg: 'RS256' })}.${encode('[1]')}.AAAA`],
    ['five parts', () => 'a.b.c.d.e'],
  ])('%s, because it is no kind of token', async (_name, token) => {
    expect(await node.authenticate(await token())).toBeUndefined();
  });
});

describe('a token of the application', () => {
  it('is accepted without these faults', async () => {
    expect(await node.authenticate(await valid())).toBeDefined();
  });
});

describe('a secret shared with the application', () => {
  it('accepts no token that is signed with a key pair', async () => {
    const shared = aNode(db, { secret: 'a secret that both sides know, long enough' });

    await expect(shared.authenticate(await valid())).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
  });
});
