import { badRequest } from './errors.ts';
import { readUuid } from './uuid.ts';

type Parameters = Readonly<Record<string, string>>;

/** A path parameter that must be a UUID. @throws CoderError 400 */
export function idOf(parameters: Parameters, name: string): string {
  const text = parameters[name] ?? '';
  const reading = readUuid(text);
  if ('uuid' in reading) return reading.uuid;
  throw badRequest({ message: `Invalid UUID ${JSON.stringify(text)}.`, detail: reading.fault });
}

/**
 * The path parameter that names a user: `me`, a UUID in any spelling, or a username. Coder accepts no other
 * keys, so the result says which of them it is and is not looked up as any other key.
 */
export function userOf({ user = '' }: Parameters): string {
  if (user === 'me') return user;
  const reading = readUuid(user);
  return JSON.stringify('uuid' in reading ? { id: reading.uuid } : { username: user });
}
