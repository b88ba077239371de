import { z } from 'zod';
import { badRequest } from './errors.ts';

/**
 * Parses a request body as JSON, whatever its content type. `null` counts as an empty object, unknown fields are
 * ignored, and missing fields get the defaults of the shape.
 * @throws CoderError 400 for invalid JSON or a body that does not match the shape.
 */
export function readBody<Value>(text: string, shape: z.ZodType<Value>): Value {
  const parsed = shape.safeParse(parseJson(text) ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw invalidJson(faults.join('; '));
}

/** A field that may be missing or null, with a default. */
export function withDefault<Value>(shape: z.ZodType<Value>, fallback: Value) {
  return shape.nullish().transform((value) => value ?? fallback);
}

/** A boolean, false by default. */
export const flag = withDefault(z.boolean(), false);

function parseJson(text: string): unknown {
  if (text.trim() === '') throw invalidJson('EOF');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidJson(error instanceof Error ? error.message : String(error));
  }
}

function invalidJson(detail: string) {
  return badRequest({ message: 'Request body must be valid JSON.', detail });
}
