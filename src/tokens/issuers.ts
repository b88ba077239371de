import { v7 as uuid } from 'uuid';
import { may } from '../auth/rights.ts';
import { type Issuer, issuerDefaults, minSecretLength } from '../auth/signed/issuer.ts';
import { type Issuers, toIssuer } from '../auth/signed/issuers.ts';
import type { Context } from '../context.ts';
import { failedValidation, forbidden, forbiddenCollection } from '../errors.ts';
import type { TokenIssuer } from '../generated/prisma/client.ts';
import { isLongerThan, isStorable, parseUuid } from '../values.ts';

/** An issuer without its secret. */
export interface ListedIssuer extends Omit<Issuer, 'secret'> {
  /** Null for the issuer that the settings configure. */
  readonly id: string | null;
  readonly has_secret: boolean;
}

type Given<Value> = { readonly [Name in keyof Value]?: Value[Name] | null | undefined };

/** An issuer to store. Fields that are left out get the values of `issuerDefaults`. */
export interface NewIssuer extends Given<Omit<Issuer, 'issuer' | 'audience'>> {
  readonly issuer: string;
  readonly audience: readonly string[];
}

interface IssuersContext extends Pick<Context, 'prisma' | 'viewer' | 'now'> {
  readonly issuers: Issuers;
}

const collection = 'token_issuers';
const longest = 255;
const skewMost = 300;
/** The issuers of the service's own tokens: of minted tokens, and of the access tokens of sign-ins. */
const reserved: readonly string[] = ['tidings', 'directus'];

/**
 * The accepted issuers: first the one that the settings configure, then the stored ones, sorted by name.
 * @throws ServiceError FORBIDDEN without the right.
 */
export async function listIssuers({ prisma, viewer, issuers }: IssuersContext): Promise<ListedIssuer[]> {
  if (!may(viewer, 'issuers.read')) throw forbiddenCollection(collection, 'read');
  const rows = await prisma.tokenIssuer.findMany({ orderBy: { issuer: 'asc' } });
  const { configured } = issuers;
  return [...(configured ? [withoutSecret(null, configured, configured.secret !== null)] : []), ...rows.map(listed)];
}

/**
 * Stores an issuer, or replaces the stored issuer of this name as a whole. Tokens that the old rules accepted are
 * checked again: at once on this node, within a minute on others.
 * @throws ServiceError FORBIDDEN without the right; FAILED_VALIDATION naming the field.
 */
export async function saveIssuer(
  { prisma, viewer, now, issuers }: IssuersContext,
  given: NewIssuer,
): Promise<ListedIssuer> {
  if (!may(viewer, 'issuers.write')) throw forbiddenCollection(collection, 'update');
  const issuer = withDefaults(given);
  checkIssuer(issuer, issuers.configured);
  const { secret, scopes, audience, ...rest } = issuer;
  const data = {
    ...rest,
    audience: [...audience],
    scopes: scopes?.join(' ') ?? null,
    secret: secret === null ? null : issuers.seal.close(secret),
    updated_at: now(),
  };
  const where = { issuer: issuer.issuer };
  const row = await prisma.tokenIssuer.upsert({ where, create: { id: uuid(), ...data }, update: data });
  issuers.invalidate();
  return listed(row);
}

/**
 * Removes an issuer: its tokens are refused at once on this node, within a minute on others.
 * @throws ServiceError FORBIDDEN without the right, and when there is no such issuer.
 */
export async function deleteIssuer({ prisma, viewer, issuers }: IssuersContext, id: string): Promise<string> {
  const key = parseUuid(id);
  if (!may(viewer, 'issuers.write') || key === null) throw forbidden();
  const { count } = await prisma.tokenIssuer.deleteMany({ where: { id: key } });
  if (count === 0) throw forbidden();
  issuers.invalidate();
  return key;
}

function withDefaults({ issuer, audience, scopes, ...given }: NewIssuer): Issuer {
  const chosen = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined));
  const chosenScopes = scopes === undefined || scopes === null ? issuerDefaults.scopes : scopes;
  return { jwks_url: null, secret: null, ...issuerDefaults, ...chosen, scopes: chosenScopes, issuer, audience };
}

function checkIssuer(issuer: Issuer, configured: Issuer | undefined): void {
  const { jwks_url, secret, audience, clock_skew, scopes } = issuer;
  for (const field of ['issuer', 'user_claim', 'name_claim', 'email_claim', 'role_claim'] as const) {
    const text = issuer[field];
    if (text === '' || (text !== null && (isLongerThan(text, longest) || !isStorable(text)))) {
      throw failedValidation(field, 'length', `must have 1 to ${longest} characters`);
    }
  }
  if (reserved.includes(issuer.issuer) || issuer.issuer === configured?.issuer) {
    throw failedValidation('issuer', 'nin', 'is reserved for the service itself or its settings');
  }
  if ((jwks_url === null) === (secret === null)) {
    throw failedValidation('jwks_url', 'xor', 'give either "jwks_url" or "secret"');
  }
  if (jwks_url !== null && !isWebAddress(jwks_url))
    throw failedValidation('jwks_url', 'url', 'must be a URL of a JWK Set');
  if (secret !== null && secret.length < minSecretLength) {
    throw failedValidation('secret', 'length', `must have at least ${minSecretLength} characters`);
  }
  if (audience.length === 0 || audience.some((one) => one === '' || !isStorable(one))) {
    throw failedValidation('audience', 'required', 'must name at least one audience');
  }
  if (clock_skew < 0 || clock_skew > skewMost) {
    throw failedValidation('clock_skew', 'range', `must be a number of seconds between 0 and ${skewMost}`);
  }
  if (scopes?.length === 0) throw failedValidation('scopes', 'required', 'must name at least one scope');
}

function isWebAddress(text: string): boolean {
  return isStorable(text) && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function listed(row: TokenIssuer): ListedIssuer {
  return withoutSecret(row.id, toIssuer(row, null), row.secret !== null);
}

function withoutSecret(id: string | null, issuer: Issuer, has_secret: boolean): ListedIssuer {
  const { secret: _secret, ...rest } = issuer;
  return { ...rest, id, has_secret };
}
