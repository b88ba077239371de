import { createUsers } from '../../../../src/users/write.ts';
import type { Person, TestApp } from '../../../support/app.ts';
import { type CoderClient, createCoderClient } from '../../../support/coder-client.ts';

let made = 0;

/** A new member, with a client of their own. */
export async function aMember(app: TestApp): Promise<{ readonly person: Person; readonly client: CoderClient }> {
  made += 1;
  const token = `the-token-of-member-${made}`;
  const wanted = { email: `member-${made}@example.com`, username: `member-${made}`, token };
  const [id] = await createUsers(app.contextOf(app.people.admin), [wanted]);
  if (id === undefined) throw new Error('the member was not made');
  return { person: { id, token }, client: createCoderClient(app.url, token) };
}

/** The client of the admin. */
export function adminClient({ url, people }: TestApp): CoderClient {
  return createCoderClient(url, people.admin.token);
}
