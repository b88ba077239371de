import { ServiceError } from '../errors.ts';

/** Why a token is no good. */
export type TokenRefusal =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired'; readonly at: Date }
  | { readonly kind: 'inactive'; readonly status: string };

/**
 * `INVALID_CREDENTIALS` with the reason beside it. The reason is not part of `extensions`: only a dialect that has
 * a word for it tells the caller.
 */
export class RefusedToken extends ServiceError {
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    super('INVALID_CREDENTIALS', 'The token that was sent is not valid.');
    this.refusal = refusal;
  }
}
