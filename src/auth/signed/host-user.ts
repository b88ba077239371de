import type { JWTPayload } from 'jose';
import { v7 as uuid } from 'uuid';
import type { ServicePrisma } from '../../database/prisma.ts';
import { isLongerThan, isStorable, parseUuid } from '../../values.ts';
import type { Issuer } from './issuer.ts';

const longest = 255;

/**
 * The id of the user whom a verified token names, created if the issuer allows that; null if there is none. An e-mail
 * address that the token itself calls unverified names nobody.
 */
export async function findHostUser(
  { user }: Pick<ServicePrisma, 'user'>,
  issuer: Issuer,
  claims: JWTPayload,
): Promise<string | null> {
  const where = keyOf(issuer, claims);
  if (where === undefined) return null;
  const find = async () => (await user.findFirst({ where, select: { id: true } }))?.id ?? null;
  const found = await find();
  if (found !== null || !issuer.creates_users) return found;
  const email = claims['email_verified'] === false ? undefined : addressOf(textOf(claims, issuer.email_claim));
  const name = textOf(claims, issuer.name_claim);
  const data = { id: uuid(), ...(name !== undefined && { first_name: name }), ...where };
  // A row that another request makes at the same time is kept. If another user has the address, the new user gets none.
  await user.createMany({ data: { ...(email !== undefined && { email }), ...data }, skipDuplicates: true });
  const created = await find();
  if (created !== null) return created;
  await user.createMany({ data, skipDuplicates: true });
  return find();
}

type UserKey = { readonly id: string } | { readonly external_id: string } | { readonly email: string };

function keyOf({ user_claim, user_key }: Issuer, claims: JWTPayload): UserKey | undefined {
  const value = textOf(claims, user_claim);
  if (value === undefined) return undefined;
  if (user_key === 'external_id') return { external_id: value };
  if (user_key === 'id') {
    const id = parseUuid(value);
    return id === null ? undefined : { id };
  }
  const email = claims['email_verified'] === false ? undefined : addressOf(value);
  return email === undefined ? undefined : { email };
}

/** The claim as text; a number is accepted too, because some applications use numbers as ids. */
function textOf(claims: JWTPayload, name: string): string | undefined {
  const claim = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const text = Number.isSafeInteger(claim) ? String(claim) : claim;
  return typeof text === 'string' && text !== '' && !isLongerThan(text, longest) && isStorable(text) ? text : undefined;
}

/** Addresses are stored trimmed and in lower case. */
function addressOf(text: string | undefined): string | undefined {
  const address = text?.trim().toLowerCase();
  return address !== undefined && /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined;
}
