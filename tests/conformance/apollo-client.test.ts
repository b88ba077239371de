import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createNotifications } from '../../src/notifications/write.ts';
import { type Person, useTestApp } from '../support/app.ts';

const app = useTestApp();
const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const uri = () => `${app().url}/graphql/system`;
const http = (person: Person) => new HttpLink({ uri: uri(), headers: { authorization: `Bearer ${person.token}` } });

function client(link: ApolloLink): ApolloClient {
  const made = new ApolloClient({ link, cache: new InMemoryCache() });
  ends.push(() => made.stop());
  return made;
}

const changes = gql`
  subscription Changes($after: String) {
    inbox_changes(after: $after) { kind cursor notification { id subject } }
  }
`;
const inbox = gql`
  query Inbox {
    inbox { cursor notifications { id subject } }
  }
`;
const preferences = gql`
  query Preferences($user: String) {
    notification_preferences(user: $user) { id template_id disabled }
  }
`;

/** Subscribes, and returns the first change of a notification whose subject `isIt` accepts. */
function firstOf(made: ApolloClient, variables: object, isIt: (subject?: string) => boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const subscription = made.subscribe<Changes>({ query: changes, variables }).subscribe({
      next({ data, error }) {
        if (error) reject(error);
        if (isIt(data?.inbox_changes.notification?.subject)) resolve(data?.inbox_changes);
      },
      error: reject,
    });
    ends.push(() => subscription.unsubscribe());
  });
}

interface Changes {
  readonly inbox_changes: { readonly kind: string; readonly notification: { readonly subject: string } | null };
}

const cursorOf = async (made: ApolloClient) => {
  const { data } = await made.query<{ inbox: { cursor: string } }>({ query: inbox });
  return data?.inbox.cursor;
};

describe('Apollo Client', () => {
  it.each([
    ['multipart HTTP', (person: Person) => http(person)],
    [
      'a socket',
      (person: Person) => {
        const socket = createClient({
          url: uri().replace('http', 'ws'),
          webSocketImpl: WebSocket,
          connectionParams: { authToken: person.token },
        });
        ends.push(() => void socket.dispose());
        return new GraphQLWsLink(socket);
      },
    ],
  ])('Apollo Client follows an inbox over %s', async (_name, linkOf) => {
    const { admin, alice } = app().people;
    const made = client(linkOf(alice));
    const after = await cursorOf(made);

    const seen = firstOf(made, { after }, (subject) => subject === 'For Apollo');
    await createNotifications(app().contextOf(admin), [{ recipient: alice.id, subject: 'For Apollo' }]);

    expect(await seen).toMatchObject({ kind: 'created', notification: { subject: 'For Apollo' } });
  });

  it('Apollo Client reports why a subscription cannot start', async () => {
    const seen = firstOf(client(http(app().people.alice)), { after: 'nonsense' }, () => true);

    await expect(seen).rejects.toThrow(/"after" is not a cursor/);
  });

  it('Apollo Client sends only the hash of a document once the document is registered', async () => {
    const sent: boolean[] = [];
    const watch = new ApolloLink((operation, forward) => {
      sent.push(operation.getContext()['http']?.includeQuery !== false);
      return forward(operation);
    });
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const link = ApolloLink.from([new PersistedQueryLink({ sha256 }), watch, http(app().people.alice)]);

    const first = await client(link).query({ query: inbox });
    const second = await client(link).query({ query: inbox });

    expect(sent).toEqual([false, true, false]);
    expect([first.error, second.error]).toEqual([undefined, undefined]);
    expect(second.data).toEqual(first.data);
  });

  it('Apollo Client caches the preferences of two users separately', async () => {
    const { admin, alice } = app().people;
    const template = 'f517da0b-cdc9-410f-ab89-a86107c420ed';
    const choose = gql`
      mutation Choose($map: JSON!, $user: String) {
        update_notification_preferences(template_disabled_map: $map, user: $user) { id template_id disabled }
      }
    `;
    const made = client(http(admin));

    await made.mutate({ mutation: choose, variables: { map: { [template]: true }, user: alice.id } });
    await made.query({ query: preferences, variables: { user: alice.id } });
    await made.mutate({ mutation: choose, variables: { map: { [template]: false }, user: 'me' } });

    expect(made.readQuery({ query: preferences, variables: { user: alice.id } })).toMatchObject({
      notification_preferences: [{ template_id: template, disabled: true }],
    });
  });
});
