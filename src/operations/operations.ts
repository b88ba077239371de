import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  NoSchemaIntrospectionCustomRule,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
  visit,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { run } from './executor.ts';
import { expanseOf } from './expanse.ts';
import { rewriteLeafUsers } from './leaf-users.ts';
import { assertNotTooDeep } from './nesting.ts';
import { type Plan, planOf, type VariableValues } from './plan.ts';
import type { Pricer } from './price.ts';

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** Documents are parsed, checked and planned once, and run by their plans. */
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
  /** The error of a valid operation that would cost more than one may; nothing when it does not. */
  refusal(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
    context: unknown,
  ): GraphQLError | undefined | Promise<GraphQLError | undefined>;
  /**
   * Runs a valid query or mutation, or one event of a subscription; `context` is handed to the resolvers. What costs
   * more than it may is not begun; an event was paid for when its subscription began.
   */
  execute(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
    context: unknown,
    event?: unknown,
  ): Promise<ExecutionResult> | ExecutionResult;
  /** Parses, checks and runs one document that holds one operation: the way in for REST. */
  run(text: string, variables: Variables, context: unknown): Promise<ExecutionResult> | ExecutionResult;
}

/** Faults told of the variables of one operation: each message repeats the faulty value. */
const variableFaults = 5;
/** Texts remembered; the least recently used goes first. */
const rememberedTexts = 1000;
/** Characters of all of them together: read, a document takes a hundred times its length. */
const rememberedCharacters = 1_000_000;

/** Fields of all plans that are kept; the plan least recently used goes first. */
const plannedFields = 200_000;

interface Known {
  errors: readonly GraphQLError[] | undefined;
  /** Names the document among the plans. */
  readonly key: number;
  /** The variables that decide which fields are selected: a plan holds for one set of their values. */
  readonly conditions: readonly string[];
  /** How many fields a plan of it may hold. */
  readonly expanse: number;
}

export interface OperationsOptions {
  readonly tokenLimit: number;
  readonly introspection: boolean;
  /** Most characters of an answer. */
  readonly answerMax: number;
  /** Says what costs too much; left out: nothing does. */
  readonly pricer?: Pricer;
}

export function createOperations(schema: GraphQLSchema, options: OperationsOptions): Operations {
  const texts = new LRUCache<string, DocumentNode>({
    max: rememberedTexts,
    maxSize: rememberedCharacters,
    sizeCalculation: (_document, text) => text.length || 1,
  });
  const plans = new LRUCache<string, Plan>({ maxSize: plannedFields });
  const documents = new WeakMap<DocumentNode, Known>();
  const rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  let keys = 0;

  function knownOf(document: DocumentNode): Known {
    const known = documents.get(document) ?? {
      errors: undefined,
      key: ++keys,
      conditions: conditionsOf(document),
      expanse: expanseOf(document),
    };
    documents.set(document, known);
    return known;
  }

  function planFor(document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues): Plan {
    const { key, conditions, expanse } = knownOf(document);
    const name = `${key} ${operation.name?.value ?? ''} ${conditions.map((condition) => variables[condition])}`;
    const known = plans.get(name);
    if (known) return known;
    const plan = planOf(schema, document, operation);
    plans.set(name, plan, { size: Math.min(expanse, plannedFields) + 1 });
    return plan;
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
    refusal(document, operationName, variables, context) {
      const { coerced } = coerce(document, operationName, variables);
      const operation = getOperationAST(document, operationName);
      return operation && coerced ? options.pricer?.refusal(document, operation, coerced, context) : undefined;
    },
    execute(document, operationName, variables, contextValue, event) {
      const { coerced, errors } = coerce(document, operationName, variables);
      if (errors) return { errors };
      const operation = getOperationAST(document, operationName);
      if (!operation) return { errors: [unknownOperation(operationName)] };
      const go = () => {
        const plan = planFor(document, operation, coerced);
        return run(plan, { variables: coerced, context: contextValue, root: event, sizeMax: options.answerMax });
      };
      const unlessRefused = (refusal: GraphQLError | undefined) => (refusal ? { errors: [refusal] } : go());
      if (event !== undefined) return go();
      const refusal = options.pricer?.refusal(document, operation, coerced, contextValue);
      return refusal instanceof Promise ? refusal.then(unlessRefused) : unlessRefused(refusal);
    },
    run(text, variables, context) {
      const document = operations.parse(text);
      const errors = operations.validate(document);
      return errors.length > 0 ? { errors } : operations.execute(document, undefined, variables, context);
    },
  };
  return operations;
}

function unknownOperation(name: string | null | undefined): GraphQLError {
  return new GraphQLError(
    typeof name === 'string'
      ? `Unknown operation named "${name}".`
      : 'Must provide operation name if query contains multiple operations.',
  );
}

/** The variables that `@include` and `@skip` read anywhere in the document. */
function conditionsOf(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    [Kind.DIRECTIVE]: (directive) => {
      for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
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
