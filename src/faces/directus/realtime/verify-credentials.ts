import type { AuthRequests } from '../../../auth/sessions/auth-requests.ts';
import type { SignedIn, SignIn } from '../../../auth/sign-in.ts';
import { ServiceError } from '../../../errors.ts';
import type { Credentials } from './frames.ts';

/** Checks the credentials that clients send over one socket. */
export interface CredentialCheck {
  readonly signIn: Pick<SignIn, 'withToken' | 'withPassword'>;
  readonly auth: Pick<AuthRequests, 'refresh'>;
  /** The client's address. */
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** A user who has signed in, and the refresh token that replaces the one that was sent. */
export interface Verified {
  readonly signedIn: SignedIn;
  readonly refreshToken?: string | undefined;
}

/** Undefined for wrong credentials, and when the signal is aborted: the socket is closed then. */
export async function verifyCredentials(
  { signIn, auth, address, userAgent }: CredentialCheck,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Verified | undefined> {
  try {
    if ('access_token' in credentials) return { signedIn: await signIn.withToken(credentials.access_token, address) };
    if ('email' in credentials) {
      return { signedIn: await signIn.withPassword(credentials.email, credentials.password, { address, signal }) };
    }
    const { refresh_token } = credentials;
    const tokens = await auth.refresh({ mode: 'json', refresh_token }, { address, userAgent });
    return { signedIn: await signIn.withToken(tokens.access_token ?? '', address), refreshToken: tokens.refresh_token };
  } catch (error) {
    if (error instanceof ServiceError || signal.aborted) return undefined;
    throw error;
  }
}
