import { announceRevocation } from '../auth/revocations.ts';
import { checkBatch } from '../checks.ts';
import { takeLock } from '../database/advisory-lock.ts';
import { isForeignKeyFault, isTransientFault, isUniqueFault, retry } from '../database/faults.ts';
import { lockKeys } from '../database/lock-keys.ts';
import type { PrismaTransaction } from '../database/prisma.ts';
import { ServiceError, serviceUnavailable, throwAll } from '../errors.ts';
import { parseUuid } from '../values.ts';
import { assertMayUpsertUsers, changeableUsers } from './access.ts';
import { assertAdminLeft } from './admins.ts';
import type { UserContext } from './context.ts';
import { newIds } from './new-ids.ts';
import { planUpsert, type UpsertPlan } from './plan-upsert.ts';
import type { NewUser } from './sql/insert-upserted.ts';
import type { UserMethods } from './sql/methods.ts';
import { checkEntries, type Entry, type Refusal, type UserEntry } from './upsert-input.ts';

export type { UserEntry } from './upsert-input.ts';

/** The result for one entry. `index` is its position in the list, from 0. */
export type UpsertResult =
  | { readonly index: number; readonly status: 'created' | 'updated' | 'unchanged'; readonly id: string }
  | { readonly index: number; readonly status: 'refused'; readonly error: ServiceError };

export type UpsertContext = Pick<UserContext, 'prisma' | 'viewer' | 'now' | 'limits'>;
type Transaction = PrismaTransaction<UserMethods>;

/** Entries that were checked, to be written in a transaction. */
export interface PreparedUpsert {
  readonly entries: readonly Entry[];
  readonly refusals: readonly Refusal[];
  readonly isPartial: boolean;
}

/** Maximum number of refusals that an error lists. */
const errorsMax = 20;

/**
 * Creates the users that do not exist and updates the others, in one transaction and a fixed number of statements. A
 * user is found by `external_id`, else by `email`; fields that are not given keep their values. An upsert sets no
 * passwords or tokens.
 * @param isPartial true: a faulty entry is left out and reported; false: it refuses the whole list
 * @returns a result for each entry, in their order
 * @throws ServiceError FORBIDDEN without the right to create and change users, or if no active admin would be left;
 * INVALID_PAYLOAD for more than `batchMax` entries; unless `isPartial`, the faults of the first refused entries, with
 * their `index`.
 */
export async function upsertUsers(
  context: UpsertContext,
  given: readonly UserEntry[],
  isPartial = false,
): Promise<UpsertResult[]> {
  const prepared = prepareUpsert(context, given, isPartial);
  const { results, afterCommit } = await retryUpsert(() =>
    context.prisma.$transaction((transaction) => writeUpsert(transaction, context, prepared)),
  );
  afterCommit();
  return results;
}

/** Checks rights and entries. @throws ServiceError as `upsertUsers` */
export function prepareUpsert(
  { viewer, limits }: Pick<UpsertContext, 'viewer' | 'limits'>,
  given: readonly UserEntry[],
  isPartial: boolean,
): PreparedUpsert {
  assertMayUpsertUsers(viewer, fieldsOf(given));
  checkBatch(given.length, limits.batchMax, 'entries');
  const checked = checkEntries(given);
  if (!isPartial) refuseAll(checked.refusals);
  return { ...checked, isPartial };
}

/** The fields of all entries, repeated: most viewers may write all, for whom they are not read. */
function* fieldsOf(entries: readonly UserEntry[]): Iterable<string> {
  for (const entry of entries) yield* Object.keys(entry);
}

/** Retries a transaction with `writeUpsert` after a conflict with a concurrent write or deletion. */
export function retryUpsert<Result>(work: () => Promise<Result>): Promise<Result> {
  return retry(work, {
    attempts: 5,
    delayMs: 20,
    mayRetry: (error) => isTransientFault(error) || isUniqueFault(error) || isForeignKeyFault(error),
    exhausted: () => serviceUnavailable('users', 'others write the same users'),
  });
}

/**
 * Writes checked entries in the caller's transaction.
 * @returns the results, and what to call after the commit
 * @throws an error of a unique index when a concurrent transaction has stored one of the users; see `retryUpsert`
 */
export async function writeUpsert(
  transaction: Transaction,
  { prisma, viewer, now }: Pick<UpsertContext, 'prisma' | 'viewer' | 'now'>,
  { entries, refusals, isPartial }: PreparedUpsert,
): Promise<{ readonly results: UpsertResult[]; readonly afterCommit: () => void }> {
  const mayLoseAdmin = entries.some(
    ({ columns: { role, status } }) => (role ?? 'admin') !== 'admin' || status === 'suspended',
  );
  if (mayLoseAdmin) await takeLock(transaction, lockKeys.admins);
  const plan = await planFor(transaction, entries, changeableUsers(viewer).role);
  const refused = [...refusals, ...plan.refusals].sort((a, b) => a.index - b.index);
  if (!isPartial) refuseAll(refused);
  const created = await insert(transaction, plan.inserts, now());
  const rows = plan.updates.length === 0 ? [] : await transaction.user.updateUpserted(plan.updates);
  const changed = new Set(rows.map(({ id }) => id));
  if (mayLoseAdmin) await assertAdminLeft(transaction);
  const results: UpsertResult[] = [];
  for (const { index, id } of created) results[index] = { index, status: 'created', id };
  for (const { index, id } of plan.updates) {
    results[index] = { index, status: changed.has(id) ? 'updated' : 'unchanged', id };
  }
  for (const { index, error } of refused) results[index] = { index, status: 'refused', error };
  const afterCommit = () => {
    for (const { id, columns } of plan.updates) {
      const setsRights = columns.role !== undefined || columns.status !== undefined;
      if (setsRights && changed.has(id)) announceRevocation(prisma, id);
    }
  };
  return { results, afterCommit };
}

async function planFor(
  transaction: Transaction,
  entries: readonly Entry[],
  changeableRole: string | undefined,
): Promise<UpsertPlan> {
  const textsOf = (field: 'external_id' | 'email' | 'username') =>
    entries.flatMap(({ columns }) => columns[field] ?? []);
  const externalIds = textsOf('external_id');
  const existing = await transaction.user.match({
    externalIds,
    emails: textsOf('email'),
    usernames: textsOf('username'),
    uuids: externalIds.flatMap((text) => parseUuid(text) ?? []),
  });
  return planUpsert(entries, existing, ({ role }) => changeableRole === undefined || role === changeableRole);
}

/** Returns the new users, each with its id. */
async function insert(
  transaction: Transaction,
  entries: readonly Entry[],
  createdAt: Date,
): Promise<readonly (Entry & NewUser)[]> {
  if (entries.length === 0) return [];
  const ids = newIds(entries.length);
  const users = entries.map((entry, position) => ({ ...entry, id: ids[position] ?? '' }));
  const keyOf = ({ columns: { external_id, email } }: Entry) => external_id ?? email ?? '';
  users.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : Number(keyOf(a) > keyOf(b))));
  await transaction.user.insertUpserted(users, createdAt);
  return users;
}

function refuseAll(refusals: readonly Refusal[]): void {
  throwAll(refusals.slice(0, errorsMax).map(({ index, error }) => atIndex(index, error)));
}

/** The error of one entry, naming its position in the list. */
function atIndex(index: number, { code, message, extensions }: ServiceError): ServiceError {
  const { field, value } = extensions;
  const what = value === undefined ? '' : ` (${String(field)}: ${JSON.stringify(value)})`;
  return new ServiceError(code, `Entry ${index}${what}: ${message}`, { ...extensions, index });
}
