import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit';
import { LRUCache } from 'lru-cache';
import { expanseOf } from './expanse.ts';
import { rewriteLeafUsers } from './leaf-users.ts';
import { assertNotTooDeep } from './nesting.ts';

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** A document that is parsed, checked and, once it was asked for often enough, compiled. */
export interface Operations {
  readonly schema: GraphQLSchema;
  /** Parses and rewrites; remembered by text. @throws GraphQLError for a syntax error or too many tokens. */
  parse(text: string): DocumentNode;
  /** The faults of the document against the schema; remembered by document. */
  validate(document: DocumentNode): readonly GraphQLError[];
  /** What is wrong with the variables of a valid operation; nothing when they fit. */
  faultsOf(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
  ): readonly GraphQLError[] | undefined;
  /** Runs a valid query or mutation, or one event of a subscription; `context` is handed to the resolvers. */
  execute(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
    context: unknown,
    event?: unknown,
  ): Promise<ExecutionResult> | ExecutionResult;
  /** Parses, checks and runs one document that holds one operation: the way in for `rest/`. */
  run(text: string, variables: Variables, context: unknown): Promise<ExecutionResult> | ExecutionResult;
}

/** How often an operation is interpreted before it is worth compiling; a one-off never is. */
const runsBeforeCompiling = 2;
/** Selected fields up to which an operation is compiled: the compiler opens a fragment anew wherever it is spread. */
const compiledFields = 2000;
/** Faults told of the variables of one operation: each message repeats the faulty value. */
const variableFaults = 5;
/** Texts remembered; the least recently used goes first. */
const rememberedTexts = 1000;
/** Characters of all of them together: read, a document takes a hundred times its length. */
const rememberedCharacters = 1_000_000;

interface Executable {
  runs: number;
  compiled: CompiledQuery | undefined;
}

interface Known {
  errors: readonly GraphQLError[] | undefined;
  readonly executables: Map<string, Executable>;
}

export function createOperations(
  schema: GraphQLSchema,
  options: { readonly tokenLimit: number; readonly introspection: boolean },
): Operations {
  const texts = new LRUCache<string, DocumentNode>({
    max: rememberedTexts,
    maxSize: rememberedCharacters,
    sizeCalculation: (_document, text) => text.length || 1,
  });
  const documents = new WeakMap<DocumentNode, Known>();
  const rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];

  function knownOf(document: DocumentNode): Known {
    const known = documents.get(document) ?? { errors: undefined, executables: new Map() };
    documents.set(document, known);
    return known;
  }

  /** The operation, compiled unless it is rare or cannot be; nothing when it is not one of the document's. */
  function executableOf(document: DocumentNode, operationName: string): Executable | undefined {
    const { executables } = knownOf(document);
    const known = executables.get(operationName);
    if (known === undefined) {
      const isThere = getOperationAST(document, operationName || null) !== null;
      // An unknown name must not fill the memory.
      if (isThere) executables.set(operationName, { runs: 1, compiled: undefined });
      return undefined;
    }
    known.runs += 1;
    if (known.runs === runsBeforeCompiling + 1 && expanseOf(document) <= compiledFields) {
      const compiled = compileQuery(schema, withPlainVariables(document), operationName || undefined, {
        disablingCapturingStackErrors: true,
      });
      if (isCompiledQuery(compiled)) known.compiled = compiled;
    }
    return known;
  }

  /** The variables as their types take them; `{}` where there is no such operation, which is for others to tell. */
  function coerce(document: DocumentNode, operationName: string | null | undefined, variables: Variables) {
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    if (definitions.length === 0) return { coerced: {} };
    const { coerced, errors } = getVariableValues(schema, definitions, variables ?? {}, { maxErrors: variableFaults });
    return errors ? { errors: errors.map(withoutDepth) } : { coerced };
  }

  const operations: Operations = {
    schema,
    parse(text) {
      const known = texts.get(text);
      if (known) return known;
      assertNotTooDeep(text);
      const document = rewriteLeafUsers(parse(text, { maxTokens: options.tokenLimit }), schema);
      texts.set(text, document);
      return document;
    },
    validate(document) {
      const known = knownOf(document);
      known.errors ??= validate(schema, document, rules).map((error) => withoutHint(error, options.introspection));
      return known.errors;
    },
    faultsOf: (document, operationName, variables) => coerce(document, operationName, variables).errors,
    execute(document, operationName, variables, contextValue, event) {
      const { coerced, errors } = coerce(document, operationName, variables);
      if (errors) return { errors };
      const name = operationName ?? onlyOperation(document);
      const compiled = name === undefined ? undefined : executableOf(document, name)?.compiled;
      if (compiled) return compiled.query(event, contextValue, coerced);
      return execute({ schema, document, operationName, variableValues: variables, contextValue, rootValue: event });
    },
    run(text, variables, context) {
      const document = operations.parse(text);
      const errors = operations.validate(document);
      return errors.length > 0 ? { errors } : operations.execute(document, undefined, variables, context);
    },
  };
  return operations;
}

/** The name of a document's single operation (`''` for one without a name); nothing when there are several. */
function onlyOperation(document: DocumentNode): string | undefined {
  const operation = getOperationAST(document);
  return operation ? (operation.name?.value ?? '') : undefined;
}

/**
 * The document with every variable of type JSON, which takes values as they are: they are coerced before. Left to
 * itself the compiler writes a parser for each variable with its input types in line, and a filter that may hold
 * filters has no end of them.
 */
function withPlainVariables(document: DocumentNode): DocumentNode {
  return visit(document, {
    [Kind.VARIABLE_DEFINITION]: ({ kind, variable }) => ({
      kind,
      variable,
      type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: 'JSON' } },
    }),
  });
}

/** A value nested so deeply that reading it ended at the stack's end is the caller's fault, like any other wrong one. */
function withoutDepth(error: GraphQLError): GraphQLError {
  // The machinery hands on whatever was thrown.
  const thrown: Error = error;
  return thrown instanceof RangeError ? new GraphQLError('The variables are nested too deeply.') : error;
}

/** Suggestions tell of the schema, so they go where introspection is off. */
function withoutHint(error: GraphQLError, introspection: boolean): GraphQLError {
  if (!introspection) error.message = error.message.replace(/ Did you mean .*$/, '');
  return error;
}
