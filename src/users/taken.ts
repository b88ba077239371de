import { Prisma } from '../generated/prisma/client.ts';
import { taken, type UserInput } from './input.ts';

const fieldsByIndex: ReadonlyMap<string, keyof UserInput> = new Map([
  ['users_pkey', 'id'],
  ['users_email_key', 'email'],
  ['users_username_key', 'username'],
  ['users_username_key_key', 'username'],
  ['access_tokens_sha256_key', 'token'],
]);

/** The part of Prisma's error that says which index refused; it is not typed there. */
interface UniqueFault {
  readonly driverAdapterError?: { readonly cause?: { readonly constraint?: { readonly index?: string } } };
}

/**
 * Runs a write of these users.
 * @throws ServiceError RECORD_NOT_UNIQUE naming the field when a value is taken, with the value unless several were
 * given; whatever else `write` throws.
 */
export async function orTaken<Result>(items: readonly UserInput[], write: () => Promise<Result>): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
    const index = (error.meta as UniqueFault | undefined)?.driverAdapterError?.cause?.constraint?.index;
    const field = index === undefined ? undefined : fieldsByIndex.get(index);
    if (field === undefined) throw error;
    const values = new Set(items.flatMap((item) => item[field] ?? []));
    throw taken(field, values.size === 1 ? [...values][0] : null);
  }
}
