import { RefusedToken, type TokenRefusal } from '../../auth/refused-token.ts';
import type { Authenticate } from '../../auth/token-guard.ts';
import type { UserViewer } from '../../auth/viewer.ts';
import { CoderError } from './errors.ts';
import { isForgeable, type SessionRequest, sessionToken } from './session-token.ts';

/** A viewer with a session; all routes require one. */
export type SignedIn = UserViewer;

/**
 * Authenticates a request by its session token. @param address the client's address.
 * @throws CoderError 401 without a valid token; 400 for a request that may be forged.
 */
export async function signIn(request: SessionRequest, authenticate: Authenticate, address: string): Promise<SignedIn> {
  if (isForgeable(request)) throw new CoderError(400, forgedMessage);
  const token = sessionToken(request);
  if (token === undefined) throw signedOut('Cookie "coder_session_token" or query parameter must be provided.');
  try {
    const viewer = await authenticate(token, address);
    if (viewer.kind === 'user') return viewer;
  } catch (error) {
    if (error instanceof RefusedToken) throw refused(error.refusal);
    throw error;
  }
  throw signedOut('API key is invalid.');
}

const forgedMessage =
  'Something is wrong with your CSRF token. Please refresh the page. If this error persists, try clearing your cookies.\n';

function refused(refusal: TokenRefusal): CoderError {
  switch (refusal.kind) {
    case 'unknown':
    case 'revoked':
    case 'invalid':
      return signedOut('API key is invalid.');
    case 'expired':
      return signedOut(`API key expired at "${refusal.at.toISOString()}".`, 'The access token has expired');
    case 'inactive':
      return unauthorized({
        message: `User is not active (status = "${refusal.status}"). Contact an admin to reactivate your account.`,
      });
  }
}

function signedOut(detail: string, description?: string): CoderError {
  const message = 'You are signed out or your session has expired. Please sign in again to continue.';
  return unauthorized({ message, detail }, description);
}

/** A 401 with the challenge of RFC 6750, section 3. */
function unauthorized(
  body: { readonly message: string; readonly detail?: string },
  description = 'The access token is invalid',
): CoderError {
  const challenge = `Bearer realm="coder", error="invalid_token", error_description="${description}"`;
  return new CoderError(401, body, { 'www-authenticate': challenge });
}
