import { z } from 'zod';
import { badRequest } from './errors.ts';

/**
 * Reads a request body, whatever its content type says. `null` is an object without fields, unknown fields are
 * ignored; what is missing takes its default from the shape.
 * @throws CoderError 400 for what is not JSON or not of the shape.
 */
export function readBody<Value>(text: string, shape: z.ZodType<Value>): Value {
  const parsed = shape.safeParse(parseJson(text) ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw invalidJson(faults.join('; '));
}

/** A field that may be missing or null, and then is this. */
export function orElse<Value>(shape: z.ZodType<Value>, fallback: Value) {
  return shape.nullish().transform((value) => value ?? fallback);
}

/** True or false; missing: false. */
export const flag = orElse(z.boolean(), false);

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
