import type { JWK } from 'jose';

const timeoutMs = 5_000;
const maxBytes = 256 * 1024;
const maxKeys = 100;

/**
 * Fetches a JWK Set. It follows no redirects: they could lead to an address that nobody configured.
 * @throws Error when the address does not answer with a JWK Set in time.
 */
export async function fetchKeys(url: string): Promise<readonly JWK[]> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/jwk-set+json, application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`The address of the keys answered ${response.status}.`);
  }
  const { keys } = JSON.parse(await readText(response)) as { readonly keys?: unknown };
  if (!Array.isArray(keys)) throw new Error('The address of the keys answered without "keys".');
  return keys.slice(0, maxKeys).filter((key) => typeof key === 'object' && key !== null);
}

async function readText({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body ?? []) {
    bytes += part.byteLength;
    if (bytes > maxBytes) throw new Error(`The keys are larger than ${maxBytes} bytes.`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}
