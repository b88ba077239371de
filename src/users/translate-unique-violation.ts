import { Prisma } from '../generated/prisma/client.ts';
import { type UserInput, valueTaken } from './input.ts';

const fieldsByIndex: ReadonlyMap<string, keyof UserInput> = new Map([
  ['users_pkey', 'id'],
  ['users_external_id_key', 'external_id'],
  ['users_email_key', 'email'],
  ['users_username_key', 'username'],
  ['users_username_key_key', 'username'],
  ['access_tokens_sha256_key', 'token'],
]);

/** The part of Prisma's error that names the violated index; Prisma does not type it. */
interface UniqueViolation {
  readonly driverAdapterError?: { readonly cause?: { readonly constraint?: { readonly index?: string } } };
}

/**
 * Runs `write` and translates a unique violation.
 * @throws ServiceError RECORD_NOT_UNIQUE naming the field, and the value if the items hold only one; other errors of
 * `write` unchanged.
 */
export async function translateUniqueViolation<Result>(
  items: readonly UserInput[],
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') throw error;
    const index = (error.meta as UniqueViolation | undefined)?.driverAdapterError?.cause?.constraint?.index;
    const field = index === undefined ? undefined : fieldsByIndex.get(index);
    if (field === undefined) throw error;
    const values = new Set(items.flatMap((item) => item[field] ?? []));
    throw valueTaken(field, values.size === 1 ? [...values][0] : null);
  }
}
