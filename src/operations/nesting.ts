import { GraphQLError } from 'graphql';

/** Open brackets at one place of a document: filters take two for each level, and no stack ends before. */
const deepest = 500;

/** Texts and comments as a whole, as brackets in them are none, and brackets. */
const tokens = /"""(?:[^\\"]+|\\"""|\\|"(?!""))*(?:"""|$)|"(?:[^"\\\n\r]+|\\.)*"?|#[^\n\r]*|[{[()\]}]/g;

/**
 * Refuses a document that is nested so deeply that reading it would exhaust the stack.
 * @throws GraphQLError
 */
export function assertNotTooDeep(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[' || token === '(') depth += 1;
    else if (token === '}' || token === ']' || token === ')') depth -= 1;
    if (depth > deepest) throw new GraphQLError(`The document is nested more than ${deepest} levels deep.`);
  }
}
