/** A UUID in lower case, or the reason why the text is not one, in Coder's words. */
export type UuidReading = { readonly uuid: string } | { readonly fault: string };

const canonical = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const urnPrefix = 'urn:uuid:';

/**
 * Reads all spellings that Coder accepts, in either case: canonical, prefixed with `urn:uuid:`, in braces (any first
 * and last character counts as a brace), or as 32 digits.
 */
export function readUuid(text: string): UuidReading {
  switch (Buffer.byteLength(text)) {
    case 32:
      return ofCanonical(text.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/s, '$1-$2-$3-$4-$5'));
    case 36:
      return ofCanonical(text);
    case 38:
      return ofCanonical(text.slice(1, -1));
    case 45: {
      const prefix = text.slice(0, urnPrefix.length);
      if (prefix.toLowerCase() !== urnPrefix) return { fault: `invalid urn prefix: ${JSON.stringify(prefix)}` };
      return ofCanonical(text.slice(urnPrefix.length));
    }
    default:
      return { fault: `invalid UUID length: ${Buffer.byteLength(text)}` };
  }
}

function ofCanonical(text: string): UuidReading {
  const uuid = text.toLowerCase();
  return canonical.test(uuid) ? { uuid } : { fault: 'invalid UUID format' };
}
