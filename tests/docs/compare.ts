// Compares the output of a block with the output that its page shows.

/** Patterns of texts that differ between two runs, and their replacements. */
const varying: readonly (readonly [RegExp, string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b\d{4}-\d\d-\d\d\b/g, '<date>'],
  // Base64, as in signatures.
  [/(?<![\w/+])[A-Za-z0-9/+]{20,}={1,2}/g, '<token>'],
  // Letters and digits, as in tokens and cursors; not names, which have no digits.
  [/(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{20,}/g, '<token>'],
  [/(?<![\d.])\d+\.\d+\.\d+(?:-[\w.]+)?(?![\d.])/g, '<version>'],
  [/\b\d+(?:\.\d+)? ?(?:ms|s|kB|MB)\b/g, '<amount>'],
];

/** Whether the output is as expected, apart from texts that may differ. `…` in the expected text matches any text. */
export function isSame(expected: string, actual: string): boolean {
  const values = [asJson(expected), asJson(actual)] as const;
  if (values[0] && values[1]) return isSameValue(values[0].value, values[1].value);
  return matches(expected, actual);
}

function asJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function isSameValue(expected: unknown, actual: unknown): boolean {
  if (typeof expected === 'string' && typeof actual === 'string') return matches(expected, actual);
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null)
    return expected === actual;
  const [names, others] = [Object.keys(expected), Object.keys(actual)];
  if (Array.isArray(expected) !== Array.isArray(actual) || names.length !== others.length) return false;
  const of = (value: object, name: string) => (value as Readonly<Record<string, unknown>>)[name];
  return names.every((name) => Object.hasOwn(actual, name) && isSameValue(of(expected, name), of(actual, name)));
}

function matches(expected: string, actual: string): boolean {
  const parts = normal(expected).split('…');
  const pattern = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\s\\S]*?');
  return new RegExp(`^${pattern}$`).test(normal(actual));
}

/** The text with varying parts replaced, and with white space within lines reduced to single spaces. */
export function normal(text: string): string {
  const replaced = varying.reduce((result, [pattern, name]) => result.replace(pattern, name), text);
  return replaced
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, ' ').trim())
    .join('\n')
    .trim();
}
