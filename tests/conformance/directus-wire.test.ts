import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type TestApp, useTestApp } from '../support/app.ts';

/** One request with the response of a real Directus, or the correct response where Directus has a bug. */
interface WireCase {
  readonly name: string;
  readonly as?: 'admin' | 'alice' | 'bob' | 'anon';
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly compare?: 'exact' | 'codes' | 'status' | 'graphql' | 'noerrors';
  /** Whether the case only restores the state of the recording. */
  readonly replay?: boolean;
  readonly expect: {
    readonly status?: number;
    readonly statuses?: readonly number[];
    readonly codes?: readonly string[];
    readonly type?: string;
    readonly body?: WireBody;
  };
}

interface WireBody {
  readonly data?: unknown;
  readonly errors?: readonly { readonly extensions?: { readonly code?: string } }[];
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: WireBody | null;
}

const cases: readonly WireCase[] = JSON.parse(readFileSync(new URL('./directus-wire.json', import.meta.url), 'utf8'));
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;

describe('the recorded responses of Directus', () => {
  const app = useTestApp();

  // Each case depends on the earlier ones; the first one starts with an empty store.
  for (const wire of cases) {
    it(`${wire.replay ? 'replays' : 'answers as recorded'}: ${wire.name}`, async () => {
      const answer = await send(wire, app());

      if (!wire.replay) expectLike(wire, answer);
    });
  }
});

function expectLike({ compare = 'exact', expect: recorded }: WireCase, answer: Answer): void {
  switch (compare) {
    case 'exact':
      expect(answer).toEqual({ status: recorded.status, type: recorded.type, body: recorded.body });
      return;
    case 'codes':
      expect({ status: answer.status, codes: codesOf(answer.body) }).toEqual({
        status: recorded.status,
        codes: codesOf(recorded.body),
      });
      return;
    case 'status':
      expect(recorded.statuses ?? [recorded.status]).toContain(answer.status);
      if (recorded.codes) expect(recorded.codes).toEqual(expect.arrayContaining(codesOf(answer.body).slice(0, 1)));
      return;
    case 'graphql':
      if (recorded.body?.errors) {
        // Directus reports every fault of a document with the same code; this service uses more specific codes.
        expect(codesOf(answer.body).length).toBeGreaterThan(0);
        for (const code of codesOf(answer.body)) expect(code).toMatch(/^[A-Z_]+$/);
        expect(codesOf(answer.body)).not.toContain('INTERNAL_SERVER_ERROR');
      } else {
        expect(answer.body).toEqual({ data: recorded.body?.data });
      }
      return;
    case 'noerrors':
      expect(answer).toMatchObject({ status: 200, body: { data: expect.anything() } });
      expect(answer.body).not.toHaveProperty('errors');
      return;
    default:
      throw new Error(`unknown compare mode ${compare satisfies never}`);
  }
}

async function send(wire: WireCase, { url, people }: TestApp): Promise<Answer> {
  const { as = 'anon', method = 'GET', path, body } = withIds(wire, people);
  const headers: Record<string, string> = { ...wire.headers };
  if (as !== 'anon') headers['authorization'] ??= `Bearer ${people[as].token}`;
  if (body !== undefined) headers['content-type'] ??= 'application/json';
  const reply = await fetch(url + path, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: reply.status,
    type: (reply.headers.get('content-type') ?? '').split(';')[0] ?? '',
    body: withNames(parsed(await reply.text()), people),
  };
}

function parsed(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return { '<text>': text };
  }
}

function withIds(wire: WireCase, people: TestApp['people']): WireCase {
  return JSON.parse(
    JSON.stringify(wire).replace(/<(admin|alice|bob)\.id>/g, (_whole, name: keyof typeof people) => people[name].id),
  );
}

/** Ids and times differ from run to run: people's ids read `<alice.id>`, times `<time>`. */
function withNames(value: unknown, people: TestApp['people']): WireBody | null {
  const text = JSON.stringify(value, (_key, inner) => {
    if (typeof inner !== 'string') return inner;
    if (time.test(inner)) return '<time>';
    return Object.entries(people).reduce((renamed, [name, { id }]) => renamed.replaceAll(id, `<${name}.id>`), inner);
  });
  return JSON.parse(text);
}

function codesOf(body: WireBody | null | undefined): (string | undefined)[] {
  return (body?.errors ?? []).map(({ extensions }) => extensions?.code).sort();
}
