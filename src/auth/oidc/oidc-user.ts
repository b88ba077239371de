import { v7 as uuid } from 'uuid';
import type { OidcConfig } from '../../config.ts';
import { takeLock } from '../../database/advisory-lock.ts';
import { isUniqueFault } from '../../database/faults.ts';
import { inTransaction } from '../../database/in-transaction.ts';
import { lockKeys } from '../../database/lock-keys.ts';
import type { ServicePrisma } from '../../database/prisma.ts';
import { isLongerThan, isStorable } from '../../values.ts';
import { announceRevocation } from '../revocations.ts';
import { type Role, roles, toRole, type UserViewer, userViewer } from '../viewer.ts';
import { OidcFailure } from './oidc-failure.ts';
import type { OidcClaims } from './provider.ts';

type Store = Pick<ServicePrisma, 'user' | 'userIdentity' | '$transaction'>;
type UserRules = Pick<OidcConfig, 'roleClaim' | 'roleMap' | 'createsUsers' | 'linksByEmail'>;

const longest = 255;
const user = { select: { id: true, role: true, status: true } } as const;

/**
 * The user whom the claims name: by issuer and subject, else by a verified e-mail address, else created, as far as the
 * rules allow. The role follows the claims.
 * @throws OidcFailure UNKNOWN_USER, EMAIL_IN_USE, INACTIVE_USER
 */
export async function findOidcUser(store: Store, claims: OidcClaims, rules: UserRules): Promise<UserViewer> {
  const { iss: issuer, sub: subject } = claims;
  if ([issuer, subject].some((text) => isLongerThan(text, longest) || !isStorable(text))) {
    throw new OidcFailure('UNKNOWN_USER');
  }
  const key = { issuer, subject };
  const find = async () =>
    (await store.userIdentity.findUnique({ where: { issuer_subject: key }, select: { user } }))?.user;
  const role = roleOf(claims, rules);
  const found =
    (await find()) ?? (await link(store, key, claims, rules)) ?? (await create(store, key, claims, rules, find));
  if (found.status !== 'active') throw new OidcFailure('INACTIVE_USER');
  const current = toRole(found.role);
  if (role === undefined || role === current) return userViewer(found.id, current);
  return userViewer(found.id, await changeRole(store, found.id, role));
}

/** The last active admin keeps the role: nobody could repair a wrong claim or setting. Returns the role from now on. */
async function changeRole(store: Store, id: string, role: Role): Promise<Role> {
  const changed = await inTransaction(store, async (transaction) => {
    await takeLock(transaction, lockKeys.admins);
    const admins = await transaction.user.findMany({
      where: { role: 'admin', status: 'active' },
      select: { id: true },
      take: 2,
    });
    if (role !== 'admin' && admins.length === 1 && admins[0]?.id === id) return 'admin';
    await transaction.user.updateMany({ where: { id }, data: { role } });
    return role;
  });
  announceRevocation(store, id);
  return changed;
}

interface Key {
  readonly issuer: string;
  readonly subject: string;
}

interface FoundUser {
  readonly id: string;
  readonly role: string;
  readonly status: string;
}

/** The user with the verified address, who from now on has this identity. A suspended one is not linked. */
async function link(store: Store, key: Key, claims: OidcClaims, rules: UserRules): Promise<FoundUser | undefined> {
  const email = rules.linksByEmail ? verifiedEmail(claims) : undefined;
  const found = email === undefined ? null : await store.user.findUnique({ where: { email }, ...user });
  if (found === null) return undefined;
  if (found.status === 'active') {
    await store.userIdentity.createMany({ data: [{ ...key, user_id: found.id }], skipDuplicates: true });
  }
  return found;
}

async function create(
  store: Store,
  key: Key,
  claims: OidcClaims,
  rules: UserRules,
  find: () => Promise<FoundUser | undefined>,
): Promise<FoundUser> {
  if (!rules.createsUsers) throw new OidcFailure('UNKNOWN_USER');
  const first_name = textOf(claims['given_name']) ?? textOf(claims['name']) ?? null;
  const last_name = textOf(claims['family_name']) ?? null;
  const email = verifiedEmail(claims) ?? null;
  const data = { ...key, user: { create: { id: uuid(), email, first_name, last_name } } };
  try {
    // Both rows or none.
    return (await store.userIdentity.create({ data, select: { user } })).user;
  } catch (error) {
    if (!isUniqueFault(error)) throw error;
    // Another request has just created the same user, or a user has the address.
    const created = await find();
    if (created !== undefined) return created;
    throw new OidcFailure('EMAIL_IN_USE', { cause: error });
  }
}

/** The highest role that the claim, a text or a list, is mapped to, else member; undefined if no claim decides. */
function roleOf(claims: OidcClaims, { roleClaim, roleMap }: UserRules): Role | undefined {
  if (roleClaim === undefined) return undefined;
  const claim = Object.hasOwn(claims, roleClaim) ? claims[roleClaim] : undefined;
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  const mapped = new Set(values.map((value) => (typeof value === 'string' ? roleMap.get(value) : undefined)));
  return roles.find((role) => mapped.has(role)) ?? 'member';
}

/** Addresses are stored trimmed and in lower case. One that the provider has not verified may be anybody's. */
function verifiedEmail(claims: OidcClaims): string | undefined {
  if (claims['email_verified'] !== true) return undefined;
  const address = textOf(claims['email'])?.trim().toLowerCase();
  return address !== undefined && /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined;
}

function textOf(claim: unknown): string | undefined {
  if (typeof claim !== 'string' || claim === '' || isLongerThan(claim, longest) || !isStorable(claim)) return undefined;
  return claim;
}
