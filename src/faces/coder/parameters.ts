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

/** The path parameter that names a user: `me`, a UUID in any spelling, or a username. */
export function userOf({ user = '' }: Parameters): string {
  const reading = readUuid(user);
  return 'uuid' in reading ? reading.uuid : user;
}
