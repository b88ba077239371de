import { type ErrorCode, ServiceError } from '../errors.ts';

/** Why a token was refused. */
export type TokenRefusal =
  | { readonly kind: 'unknown' }
  /** It claims to be the access token of a sign-in, and its signature or form is wrong. */
  | { readonly kind: 'invalid' }
  /** `isSigned`: a signed token, whose holder can be expected to ask for a new one. */
  | { readonly kind: 'expired'; readonly at: Date; readonly isSigned?: true }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'inactive'; readonly status: string };

/**
 * `INVALID_CREDENTIALS`, `TOKEN_EXPIRED` for a signed token or `INVALID_TOKEN`, with a reason. The reason is not in
 * `extensions`: only faces whose API distinguishes the reasons send it.
 */
export class RefusedToken extends ServiceError {
  readonly refusal: TokenRefusal;

  constructor(refusal: TokenRefusal) {
    const code = codeOf(refusal);
    super(code, `The token that was sent ${code === 'TOKEN_EXPIRED' ? 'has expired' : 'is not valid'}.`);
    this.refusal = refusal;
  }
}

function codeOf(refusal: TokenRefusal): ErrorCode {
  if (refusal.kind === 'invalid') return 'INVALID_TOKEN';
  return refusal.kind === 'expired' && refusal.isSigned ? 'TOKEN_EXPIRED' : 'INVALID_CREDENTIALS';
}
