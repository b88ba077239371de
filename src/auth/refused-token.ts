import { ServiceError } from '../errors.ts';

/** Why a token was refused. */
export type TokenRefusal =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'expired'; readonly at: Date }
  | { readonly kind: 'inactive'; readonly status: string };

/**
 * `INVALID_CREDENTIALS` with a reason. The reason is not in `extensions`: only faces whose API distinguishes the
 * reasons send it.
 */
export class RefusedToken extends ServiceError {
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    super('INVALID_CREDENTIALS', 'The token that was sent is not valid.');
    this.refusal = refusal;
  }
}
