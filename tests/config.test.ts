import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig, variableNames } from '../src/config.ts';

describe('the environment', () => {
  it('.env.example lists every variable with its default', () => {
    const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
    const entries = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);

    expect(entries.map(([name]) => name).sort()).toEqual([...variableNames].sort());
    expect(readConfig(Object.fromEntries(entries))).toEqual(readConfig({}));
  });

  it('an invalid environment is refused with every fault at once', () => {
    const read = () => readConfig({ PORT: 'http', MAX_PAYLOAD_SIZE: 'big', DATABASE_URL: 'mysql://x' });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      /PORT: [\s\S]*DATABASE_URL: must start with postgresql:\/\/[\s\S]*MAX_PAYLOAD_SIZE: must be a size/,
    );
  });

  it.each(['postgresql://user:secret@host:99999/x', 'postgresql://user:secret@/x?host=/run/postgresql'])(
    'the database URL %j is refused without quoting it',
    (address) => {
      const read = () => readConfig({ DATABASE_URL: address });

      expect(read).toThrow(/DATABASE_URL: must be an address such as/);
      expect(read).not.toThrow(/secret/);
    },
  );

  it.each([
    ['false', []],
    ['true', 'any'],
    ['*', 'any'],
    ['https://a.example.com', ['https://a.example.com']],
    [' https://a.example.com , http://localhost:5173', ['https://a.example.com', 'http://localhost:5173']],
  ])('reads the origins %j', (text, origins) => {
    expect(readConfig({ CORS_ORIGIN: text }).cors).toEqual(origins);
  });

  it.each(['example.com', 'https://a.example.com/', 'https://a.example.com,*', 'https://a.example.com,', 'null'])(
    'refuses the origins %j',
    (text) => {
      expect(() => readConfig({ CORS_ORIGIN: text })).toThrow(/CORS_ORIGIN: must be/);
    },
  );

  it.each([
    ['1mb', 1024 * 1024],
    ['512kb', 512 * 1024],
    ['2000', 2000],
  ])('reads the size %s as %d bytes', (text, bytes) => {
    expect(readConfig({ MAX_PAYLOAD_SIZE: text }).limits.payloadBytes).toBe(bytes);
  });

  it('a stop drains by default, except in a terminal', () => {
    expect(readConfig({}, false).stop).toEqual({ drainMs: 5_000, timeoutMs: 10_000 });
    expect(readConfig({}, true).stop.drainMs).toBe(0);
    expect(readConfig({ DRAIN_MS: '3000' }, true).stop.drainMs).toBe(3_000);
  });

  it('refuses a STOP_TIMEOUT_MS shorter than DRAIN_MS', () => {
    expect(() => readConfig({ STOP_TIMEOUT_MS: '5000' }, false)).toThrow(
      'STOP_TIMEOUT_MS: must be longer than DRAIN_MS, which is 5000',
    );
    expect(() => readConfig({ DRAIN_MS: '10000' }, true)).toThrow(ConfigError);
    expect(readConfig({ STOP_TIMEOUT_MS: '5000' }, true).stop.timeoutMs).toBe(5_000);
  });
});
