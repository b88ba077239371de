import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from '../src/log.ts';
import { readableLog } from '../src/readable-log.ts';

/** A log whose lines can be awaited. */
function aLog(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      for (const look of [...waiting]) look();
      done();
    },
  });
  const until = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (lines.length >= count) resolve();
      };
      waiting.add(look);
      look();
    });
  return { log: createLogger({ level, destination, quietMs: 50 }), lines, until };
}

const refused = () =>
  Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED', errno: -111 });

describe('the log', () => {
  it('the log has one entry at the start and one at the end of a database outage', async () => {
    const { log, lines, until } = aLog();
    const request = log.child({ reqId: '1' });

    request.error({ err: refused() }, 'unexpected error');
    log.warn({ err: new Error('Connection terminated unexpectedly') }, 'database connection lost');
    log.error({ err: refused() }, 'deliveries could not be leased');
    await until(2);

    expect(lines).toMatchObject([
      {
        level: 50,
        code: 'ECONNREFUSED',
        reason: 'connect ECONNREFUSED 127.0.0.1:5432',
        msg: 'the database is unreachable',
      },
      { level: 30, faults: 3, durationMs: expect.any(Number), msg: 'the database is reachable again' },
    ]);
  });

  it('the log reports the next outage again', async () => {
    const { log, lines, until } = aLog();
    log.error({ err: refused() }, 'unexpected error');
    await until(2);
    log.error({ err: refused() }, 'unexpected error');
    await until(4);

    expect(lines.map(({ msg }) => msg)).toEqual([
      'the database is unreachable',
      'the database is reachable again',
      'the database is unreachable',
      'the database is reachable again',
    ]);
  });

  it('the log reports other errors and fatal ones unchanged', () => {
    const { log, lines } = aLog();

    log.error({ err: new TypeError('a fault of ours') }, 'unexpected error');
    log.error({ err: new TypeError('a fault of ours') }, 'unexpected error');
    log.fatal({ err: refused() }, 'the embedded database ended');
    log.info({ err: refused() }, 'only said');

    expect(lines.map(({ msg }) => msg)).toEqual([
      'unexpected error',
      'unexpected error',
      'the embedded database ended',
      'only said',
    ]);
  });
});

it('entries have their time in ISO 8601', () => {
  const { log, lines } = aLog();

  log.info('said');

  expect(lines[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

describe('the log on a terminal', () => {
  function aTerminal(hasColors = false) {
    let text = '';
    const output = {
      write(more: string) {
        text += more;
      },
    };
    const log = createLogger({ level: 'debug', destination: readableLog(output, hasColors) });
    return { log, text: () => text };
  }

  it('prints readable lines', () => {
    const { log, text } = aTerminal();

    log.info({ method: 'smtp', reason: 'no such host', methods: ['smtp', 'inbox'], ms: 12.5 }, 'a message');

    expect(text()).toMatch(
      /^\d\d:\d\d:\d\d info {2}a message method=smtp reason="no such host" methods=\[ 'smtp', 'inbox' \] ms=12.5\n$/,
    );
  });

  it('shows the stack of an error', () => {
    const { log, text } = aTerminal();

    log.error({ err: new TypeError('a fault of ours') }, 'unexpected error');

    expect(text()).toMatch(/error unexpected error\nTypeError: a fault of ours\n +at /);
  });

  it('removes escape sequences from the text of callers', () => {
    const { log, text } = aTerminal();

    log.warn({ reason: '\u001b[2Jgone' }, '\u001b]0;title\u0007');

    expect(text()).not.toContain('\u001b');
  });

  it('has colours if the terminal supports them', () => {
    const { log, text } = aTerminal(true);

    log.warn('careful');

    expect(text()).toContain('\u001b[33mwarn \u001b[39m careful');
  });
});
