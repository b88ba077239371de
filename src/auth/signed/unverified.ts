/** The content of a token that looks signed. Its signature is not verified, so its claims may be false. */
export interface UnverifiedToken {
  readonly text: string;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Maximum number of characters of a signed token; longer ones are not decoded. */
const maxLength = 8_192;
const form = /^([\w-]+)\.([\w-]+)\.[\w-]*$/;

/** Decodes a JSON Web Token without verifying it; undefined for any other text. */
export function decodeToken(text: string): UnverifiedToken | undefined {
  const [, header = '', claims = ''] = (text.length <= maxLength && form.exec(text)) || [];
  const decoded = { header: decodePart(header), claims: decodePart(claims) };
  return decoded.header && decoded.claims && { text, header: decoded.header, claims: decoded.claims };
}

function decodePart(part: string): Readonly<Record<string, unknown>> | undefined {
  if (part === '') return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
