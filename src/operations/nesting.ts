import { GraphQLError } from 'graphql';

/**
 * Maximum depth of brackets in a document. Filters need two brackets per level; this depth cannot overflow the stack.
 */
const maxDepth = 500;

/** Matches brackets. It also matches strings and comments as whole tokens, because brackets in them do not count. */
const tokens = /"""(?:[^\\"]+|\\"""|\\|"(?!""))*(?:"""|$)|"(?:[^"\\\n\r]+|\\.)*"?|#[^\n\r]*|[{[()\]}]/g;

/**
 * Refuses a document whose nesting would overflow the stack while parsing.
 * @throws GraphQLError
 */
export function assertNotTooDeep(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[' || token === '(') depth += 1;
    else if (token === '}' || token === ']' || token === ')') depth -= 1;
    if (depth > maxDepth) throw new GraphQLError(`The document is nested more than ${maxDepth} levels deep.`);
  }
}
