import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parse, print } from 'graphql';
import { StartError } from '../../start-error.ts';

/** The documents that callers may run. */
export interface AllowList {
  /** The document with this name: a key of the file, or the SHA-256 of the text. */
  named(name: string): string | undefined;
  /** Whether the text is one of the documents, ignoring white space, commas and comments. */
  has(text: string): boolean;
}

/** The SHA-256 of a text in hexadecimal, the id by which clients name documents. */
export function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * Reads a JSON object from names to documents, as GraphQL Codegen and Relay write it.
 * @throws StartError for a file that cannot be read, is not such an object, or has a document with a syntax error.
 */
export async function readAllowList(path: string, options: { readonly tokenLimit: number }): Promise<AllowList> {
  const refuse = (fault: string, cause?: unknown) => new StartError(`GRAPHQL_ALLOW_LIST: ${path} ${fault}`, { cause });
  const file = await readFile(path, 'utf8').catch((error: unknown) => {
    throw refuse('cannot be read', error);
  });
  const documents = documentsIn(file);
  if (!documents) throw refuse('must hold a JSON object from names to GraphQL documents');
  const normalize = (text: string) => print(parse(text, { maxTokens: options.tokenLimit }));
  const byName = new Map<string, string>();
  const normalized = new Set<string>();
  for (const [name, text] of documents) {
    try {
      const normal = normalize(text);
      normalized.add(normal);
      for (const key of [sha256Of(normal), sha256Of(text), name]) byName.set(key, text);
    } catch (error) {
      throw refuse(`has an invalid document "${name}": ${error instanceof Error ? error.message : error}`, error);
    }
  }
  const texts = new Set(byName.values());
  const isNormalized = (text: string) => {
    try {
      return normalized.has(normalize(text));
    } catch {
      return false;
    }
  };
  return {
    named: (name) => byName.get(name),
    has: (text) => texts.has(text) || isNormalized(text),
  };
}

function documentsIn(file: string): (readonly [string, string])[] | undefined {
  let content: unknown;
  try {
    content = JSON.parse(file);
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  const entries = Object.entries(content);
  return entries.every((entry): entry is [string, string] => typeof entry[1] === 'string') ? entries : undefined;
}
