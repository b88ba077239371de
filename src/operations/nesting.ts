import { GraphQLError } from 'graphql';

/**
 * Maximum bracket depth of a document: filters take two brackets per level, and this depth cannot overflow the stack.
 */
const deepest = 500;

/** Matches brackets, and strings and comments as whole tokens because brackets in them do not count. */
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
    if (depth > deepest) throw new GraphQLError(`The document is nested more than ${deepest} levels deep.`);
  }
}
