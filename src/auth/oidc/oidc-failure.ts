/** Why a sign-in with OpenID Connect failed, as browsers see it. */
export type OidcFailureCode =
  /** The address to return to is not allowed. */
  | 'INVALID_REDIRECT'
  /** The answer of the provider does not belong to a sign-in that this browser has begun in the last minutes. */
  | 'SIGN_IN_EXPIRED'
  /** The provider refused, or its answer did not pass the checks. */
  | 'PROVIDER_REFUSED'
  | 'PROVIDER_UNAVAILABLE'
  | 'UNKNOWN_USER'
  /** Another user has the e-mail address. */
  | 'EMAIL_IN_USE'
  | 'INACTIVE_USER';

/** A sign-in that failed. `redirect` is where the browser wants to return to; undefined: to nowhere. */
export class OidcFailure extends Error {
  override readonly name = 'OidcFailure';
  readonly code: OidcFailureCode;
  readonly redirect: string | undefined;

  constructor(
    code: OidcFailureCode,
    options: { readonly cause?: unknown; readonly redirect?: string | undefined } = {},
  ) {
    super(`The sign-in with OpenID Connect failed: ${code}.`, { cause: options.cause });
    this.code = code;
    this.redirect = options.redirect;
  }
}
