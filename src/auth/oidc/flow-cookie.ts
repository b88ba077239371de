import { hkdfSync } from 'node:crypto';
import { EncryptJWT, errors, jwtDecrypt } from 'jose';
import type { SigningKey } from '../sessions/signing-key.ts';
import type { FlowSecrets } from './provider.ts';

/** A sign-in that a browser has begun. */
export interface Flow extends FlowSecrets {
  /** Where the browser returns to; undefined: to the service itself. */
  readonly redirect: string | undefined;
}

/** How long a browser may take to sign in at the provider, in milliseconds. */
export const flowMs = 10 * 60 * 1000;

/** Keeps sign-ins that have begun in a cookie, so that any node can finish them. */
export interface FlowCookies {
  write(flow: Flow): Promise<string>;
  /** Undefined for a text that was not written here, or has expired. */
  read(text: string): Promise<Flow | undefined>;
}

/** The cookie is encrypted and authenticated by a key of its own, which is derived from the one of access tokens. */
export function createFlowCookies(key: SigningKey, now: () => Date): FlowCookies {
  const derived = async () => new Uint8Array(hkdfSync('sha256', await key(), '', 'tidings: openid connect', 32));
  return {
    async write(flow) {
      return new EncryptJWT({ ...flow })
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
        .setExpirationTime(Math.floor((now().getTime() + flowMs) / 1000))
        .encrypt(await derived());
    },
    async read(text) {
      try {
        const { payload } = await jwtDecrypt(text, await derived(), { currentDate: now(), requiredClaims: ['exp'] });
        // Only this service writes it.
        return payload as unknown as Flow;
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}
