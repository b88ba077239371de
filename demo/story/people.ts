/** Somebody with an inbox in the demo. */
export interface DemoPerson {
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly email: string;
  /** Fixed, so that commands can be pasted. The demo listens on loopback only, and its data ends with it. */
  readonly token: string;
}

function person(username: string, first_name: string, last_name: string): DemoPerson {
  return { username, first_name, last_name, email: `${username}@example.com`, token: `demo-token-of-${username}` };
}

export const people = [
  person('ada', 'Ada', 'Lindqvist'),
  person('ines', 'Ines', 'Duarte'),
  person('noor', 'Noor', 'Haddad'),
  person('tom', 'Tom', 'Becker'),
] as const;

export type Username = 'ada' | 'ines' | 'noor' | 'tom';

export const admin = { email: 'admin@example.com', token: 'demo-token-of-admin', password: 'demo-password' } as const;
