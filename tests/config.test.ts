import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, misspelt, variableNames } from '../src/environment-faults.ts';
import { readConfig } from '../src/read-config.ts';
import { secretNames } from '../src/secret-files.ts';

describe('the environment', () => {
  it('.env.example lists every variable with its default', () => {
    const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
    const entries = [...text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => [name, value]);

    expect(entries.map(([name]) => name).sort()).toEqual([...variableNames].sort());
    expect(readConfig(Object.fromEntries(entries))).toEqual(readConfig({}));
  });

  it('.env.example says which variables may be given as files', () => {
    const text = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
    const listed = /as files:\n((?:# .*\n)+?)(?=[^#]|# [A-Z][a-z])/.exec(text)?.[1] ?? '';

    expect(listed.match(/[A-Z_]{4,}/g)?.sort()).toEqual([...secretNames].sort());
  });

  it('an invalid environment is refused with every fault together, in plain words', () => {
    const read = () =>
      readConfig({
        PORT: 'http',
        SEARCH_INDEX: 'maybe',
        LOG_LEVEL: 'loud',
        QUERY_LIMIT_MAX: '0',
        MAX_PAYLOAD_SIZE: 'big',
        DATABASE_URL: 'mysql://x',
        PUBLIC_URL: 'here',
        DATABASE_URI: 'postgresql://u:secret@h/x',
      });

    expect(read).toThrow(ConfigError);
    expect(read).toThrow(
      new ConfigError([
        'PORT: must be a whole number from 0 to 65535',
        'PUBLIC_URL: must be an address such as https://tidings.example.com',
        'DATABASE_URL: must start with postgresql://',
        'SEARCH_INDEX: must be true or false',
        'LOG_LEVEL: must be one of fatal, error, warn, info, debug, trace, silent',
        'QUERY_LIMIT_MAX: must be -1, or a whole number of at least 1',
        'MAX_PAYLOAD_SIZE: must be a size such as 1mb, 512kb or 1048576',
        'DATABASE_URI: is not read; did you mean DATABASE_URL?',
      ]),
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
  ])('the origins %j are accepted', (text, origins) => {
    expect(readConfig({ CORS_ORIGIN: text }).cors).toEqual(origins);
  });

  it.each(['example.com', 'https://a.example.com/', 'https://a.example.com,*', 'https://a.example.com,', 'null'])(
    'the origins %j are refused',
    (text) => {
      expect(() => readConfig({ CORS_ORIGIN: text })).toThrow(/CORS_ORIGIN: must be/);
    },
  );

  it.each([
    ['1mb', 1024 * 1024],
    ['512kb', 512 * 1024],
    ['2000', 2000],
  ])('the size %s is %d bytes', (text, bytes) => {
    expect(readConfig({ MAX_PAYLOAD_SIZE: text }).limits.payloadBytes).toBe(bytes);
  });

  it('a stop drains by default, except in a terminal', () => {
    expect(readConfig({}, false).stop).toEqual({ drainMs: 5_000, timeoutMs: 10_000 });
    expect(readConfig({}, true).stop.drainMs).toBe(0);
    expect(readConfig({ DRAIN_MS: '3000' }, true).stop.drainMs).toBe(3_000);
  });

  it('a STOP_TIMEOUT_MS shorter than DRAIN_MS is refused', () => {
    expect(() => readConfig({ STOP_TIMEOUT_MS: '5000' }, false)).toThrow(
      'STOP_TIMEOUT_MS: must be longer than DRAIN_MS, which is 5000',
    );
    expect(() => readConfig({ DRAIN_MS: '10000' }, true)).toThrow(ConfigError);
    expect(readConfig({ STOP_TIMEOUT_MS: '5000' }, true).stop.timeoutMs).toBe(5_000);
  });
});

describe('secrets in files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidings-secrets-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const aFile = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it.each([
    ['without a newline', 'a-token-of-a-file'],
    ['with a newline', 'a-token-of-a-file\n'],
    ['with the newline of Windows', 'a-token-of-a-file\r\n'],
  ])('a file %s gives the value of a secret', (_how, text) => {
    expect(readConfig({ ADMIN_TOKEN_FILE: aFile('token', text) }).admin.token).toBe('a-token-of-a-file');
  });

  it('every fault of secret files is reported with the other faults', () => {
    const read = () =>
      readConfig({
        DATABASE_URL: 'postgresql://u:p@h/x',
        DATABASE_URL_FILE: aFile('url', 'postgresql://u:p@h/x'),
        ADMIN_PASSWORD_FILE: join(folder, 'nowhere'),
        METRICS_TOKEN_FILE: aFile('empty', '\n'),
        SMTP_URL_FILE: folder,
        WEBHOOK_SECRET_FILE: aFile('secret', 'not base64!'),
      });

    expect(read).toThrow(
      new ConfigError([
        'DATABASE_URL_FILE: must not be set together with DATABASE_URL',
        `ADMIN_PASSWORD_FILE: the file ${join(folder, 'nowhere')} cannot be read: there is no such file`,
        `METRICS_TOKEN_FILE: the file ${join(folder, 'empty')} is empty`,
        `SMTP_URL_FILE: the file ${folder} cannot be read: it is a folder`,
        'WEBHOOK_SECRET: must be base64, optionally after "whsec_"',
      ]),
    );
  });
});

describe('misspelt variables', () => {
  it.each([
    ['SMTP_URI', 'SMTP_URL'],
    ['EMAIL_FORM', 'EMAIL_FROM'],
    ['TIDINGS_PORT', 'PORT'],
    ['TIDINGS_DATABASE_URL', 'DATABASE_URL'],
    ['TIDINGS_SMTP_URI', 'SMTP_URL'],
    ['LOGLEVEL', 'LOG_LEVEL'],
    ['SMTP_PASSWORD', 'SMTP_PASSWORD_FILE'],
    ['PORT_FILE', 'PORT'],
    ['DISPATCH_CONCURENCY', 'DISPATCH_CONCURRENCY'],
    ['Database_Url', 'DATABASE_URL'],
  ])('the misspelt variable %s is reported with the suggestion %s', (name, meant) => {
    expect(misspelt({ [name]: '1' })).toEqual([{ name, meant }]);
  });

  it('known variables and those of other programs are not reported as misspelt', () => {
    const others = [
      ...[
        'PATH',
        'HOME',
        'HOSTNAME',
        'LOGNAME',
        'PWD',
        'OLDPWD',
        'SHELL',
        'TERM',
        'USER',
        'LANG',
        'LC_ALL',
        'TZ',
        'TMPDIR',
        'EDITOR',
      ],
      ...[
        'PGHOST',
        'PGPORT',
        'PGUSER',
        'PGPASSWORD',
        'PGDATABASE',
        'PGDATA',
        'PGSSLMODE',
        'POSTGRES_DB',
        'POSTGRES_PASSWORD',
      ],
      ...[
        'NODE_ENV',
        'NODE_OPTIONS',
        'NODE_VERSION',
        'npm_config_port',
        'npm_package_name',
        'HTTP_PROXY',
        'NO_PROXY',
        'NO_COLOR',
      ],
      ...['XDG_DATA_DIRS', 'XDG_DATA_HOME', 'XDG_RUNTIME_DIR', 'KUBERNETES_PORT', 'KUBERNETES_SERVICE_HOST', 'HOST_IP'],
      ...[
        'TIDINGS_SERVICE_HOST',
        'TIDINGS_SERVICE_PORT',
        'INVOCATION_ID',
        'JOURNAL_STREAM',
        'NOTIFY_SOCKET',
        'LISTEN_FDS',
      ],
      ...['REDIS_URL', 'SECRET', 'KEY', 'POST', 'PORTS', 'CI', 'DEBUG', 'VIRTUAL_ENV', 'MAIL', 'SHLVL', 'LS_COLORS'],
      ...variableNames,
      ...secretNames.map((name) => `${name}_FILE`),
    ];

    expect(misspelt(Object.fromEntries(others.map((name) => [name, '1'])))).toEqual([]);
    expect(misspelt({ TIDINGS_PORT: 'tcp://10.0.0.7:8055', SMTP_URI: '' })).toEqual([]);
  });
});
