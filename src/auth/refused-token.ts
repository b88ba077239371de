import { ServiceError } from '../errors.ts';

/** Why a token was refused. */
export type TokenRefusal =
  | { readonly kind: 'unknown' }
  /** `isSigned`: a signed token, whose holder can be expected to ask for a new one. */
  | { readonly kind: 'expired'; readonly at: Date; readonly isSigned?: true }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'inactive'; readonly status: string };

/**
 * `INVALID_CREDENTIALS`, or `TOKEN_EXPIRED` for a signed token, with a reason. The reason is not in `extensions`: only
 * faces whose API distinguishes the reasons send it.
 */
export class RefusedToken extends ServiceError {
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    if (refusal.kind === 'expired' && refusal.isSigned) super('TOKEN_EXPIRED', 'The token that was sent has expired.');
    else super('INVALID_CREDENTIALS', 'The token that was sent is not valid.');
    this.refusal = refusal;
  }
}
