import type { AuthRequests } from '../../../auth/sessions/auth-requests.ts';
import type { SignedIn, SignIn } from '../../../auth/sign-in.ts';
import { ServiceError } from '../../../errors.ts';
import type { Credentials } from './frames.ts';

/** Checks the credentials that clients send over one socket. */
export interface CredentialCheck {
  readonly signIn: Pick<SignIn, 'withToken'>;
  readonly auth: Pick<AuthRequests, 'login' | 'refresh'>;
  /** The client's address. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** A user who has signed in. */
export interface Verified {
  readonly signedIn: SignedIn;
  /** The next refresh token, unless an access token was sent. */
  readonly refreshToken?: string | undefined;
}

/**
 * A password or a refresh token signs in as over HTTP in the mode `json`; the socket is then valid as long as the access
 * token. Undefined for wrong credentials, and when the signal is aborted: the socket is closed then.
 */
export async function verifyCredentials(
  { signIn, auth, address, userAgent }: CredentialCheck,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Verified | undefined> {
  try {
    if ('access_token' in credentials) return { signedIn: await signIn.withToken(credentials.access_token, address) };
    const client = { address, userAgent, signal };
    const tokens =
      'email' in credentials
        ? await auth.login({ ...credentials, mode: 'json' }, client)
        : await auth.refresh({ ...credentials, mode: 'json' }, client);
    return { signedIn: await signIn.withToken(tokens.access_token ?? '', address), refreshToken: tokens.refresh_token };
  } catch (error) {
    if (error instanceof ServiceError || signal.aborted) return undefined;
    throw error;
  }
}
