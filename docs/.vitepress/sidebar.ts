/** A page in the sidebar: its title there, and its path in the site. */
type Entry = readonly [text: string, link: string];

const group = (text: string, entries: readonly Entry[]) => ({
  text,
  items: entries.map(([title, link]) => ({ text: title, link })),
});

/** Every page of the site; a test compares it with the files. */
export const sidebar = [
  group('Guides', [
    ['Start in five minutes', '/guides/start'],
    ['The demo', '/demo'],
    ['Send a notification', '/guides/send'],
    ['Give people a page', '/guides/pages'],
    ['Show bell, inbox and preferences', '/guides/components'],
    ['Show an inbox of your own', '/guides/inbox'],
    ['Follow an inbox live', '/guides/live'],
    ['Let people choose', '/guides/preferences'],
    ['Move from Directus', '/guides/from-directus'],
    ['Use with Coder clients', '/guides/coder-clients'],
    ['Receive webhooks', '/guides/webhooks'],
    ['Send e-mail', '/guides/email'],
    ['Apollo, urql, Relay', '/graphql-clients'],
  ]),
  group('Operate', [
    ['Configuration', '/guides/configuration'],
    ['Deploy', '/deploy'],
    ['Operations', '/operations'],
    ['The command tidings', '/cli'],
    ['Metrics', '/metrics'],
    ['Traces', '/traces'],
    ['Limits', '/limits'],
    ['Reliability', '/reliability'],
    ['Database', '/database'],
    ['Migrations', '/migrations'],
  ]),
  group('Reference', [
    ['GraphQL', '/reference/graphql'],
    ['REST', '/reference/rest'],
    ['Variables', '/reference/configuration'],
    ['Live protocol', '/live-protocol'],
    ['Users', '/users'],
    ['One user’s data', '/user-data'],
    ['Tokens', '/tokens'],
  ]),
  group('Design', [
    ['Architecture', '/architecture'],
    ['Decisions', '/decisions'],
    ['Live', '/live'],
    ['Dispatch', '/dispatch'],
    ['Search', '/search'],
    ['Benchmarks', '/benchmarks'],
    ['Measurements', '/measurements'],
  ]),
  group('Project', [
    ['Changelog', '/changelog'],
    ['Contributing', '/contributing'],
  ]),
];
