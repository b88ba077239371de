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
import type { Tracer } from '../tracing.ts';
import { createAdmit } from './admit.ts';
import { coerceVariables } from './coerce-variables.ts';
import { countSelectedFields } from './count-fields.ts';
import { firstFailure, unknownOperation, withDepthError, withoutSuggestion } from './errors.ts';
import { run } from './executor.ts';
import { rewriteLeafUsers } from './leaf-users.ts';
import { assertNotTooDeep } from './nesting.ts';
import type { RecordOperation } from './operation-metrics.ts';
import { type Plan, planOf, type VariableValues } from './plan.ts';
import type { Pricer } from './price.ts';
import { traceOperation } from './trace-operation.ts';

type Variables = Readonly<Record<string, unknown>> | null | undefined;

/** A document with one operation, and its variables. */
export interface Operation {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Parses, validates and plans documents once, and runs operations by their plans. */
export interface Operations {
  readonly schema: GraphQLSchema;
  /** Parses and rewrites a document; cached by text. @throws GraphQLError for a syntax error or too many tokens. */
  parse(text: string): DocumentNode;
  /** The validation errors of the document; cached by document. */
  validate(document: DocumentNode): readonly GraphQLError[];
  /** The errors in the variables of a valid operation; undefined if there are none. */
  variableErrors(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
  ): readonly GraphQLError[] | undefined;
  /**
   * The error for a valid operation whose price exceeds the limit, or the points of its caller, which it takes; otherwise
   * undefined.
   */
  refusal(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
    context: unknown,
  ): GraphQLError | undefined | Promise<GraphQLError | undefined>;
  /**
   * Runs a valid query or mutation, or executes one event of a subscription; `context` is passed to the resolvers. An
   * operation over the price limit, or over the points of its caller, is refused. Events are not priced, because the
   * subscription was.
   */
  execute(
    document: DocumentNode,
    operationName: string | null | undefined,
    variables: Variables,
    context: unknown,
    event?: unknown,
  ): Promise<ExecutionResult> | ExecutionResult;
  /**
   * Parses, validates and runs an operation, and returns its data, whose shape depends on the document. Used by the
   * REST faces.
   * @throws ServiceError(s) of the first root field that failed; any other error unchanged.
   */
  run<Data>(operation: Operation, context: unknown): Promise<Data>;
}

/** Maximum number of errors reported for the variables of one operation; each message repeats the invalid value. */
const maxVariableErrors = 5;
/** Maximum number of cached documents; the least recently used is evicted first. */
const maxDocuments = 1000;
/**
 * Maximum total length of the texts of cached documents. A parsed document takes a hundred times the memory of its
 * text.
 */
const maxDocumentCharacters = 1_000_000;

/** Maximum total number of fields in cached plans; the least recently used plan is evicted first. */
const maxPlannedFields = 200_000;

interface DocumentRecord {
  errors: readonly GraphQLError[] | undefined;
  /** Identifies the document in the cache of plans. */
  readonly key: number;
  /** Variables used by `@include` and `@skip`. A plan is valid for one combination of their values. */
  readonly conditions: readonly string[];
  /** Maximum number of fields in a plan of this document. */
  readonly fieldCount: number;
}

export interface OperationsOptions {
  readonly tokenLimit: number;
  readonly introspection: boolean;
  /** Maximum number of characters in a response. */
  readonly answerMax: number;
  /** Refuses expensive operations; default: none are refused. */
  readonly pricer?: Pricer;
  /** Records the operations of sockets, which belong to no HTTP request; default: they are not recorded. */
  readonly tracer?: Tracer | undefined;
  /** Called after each query, mutation, and event of a subscription. */
  readonly onExecuted?: RecordOperation;
}

export function createOperations(schema: GraphQLSchema, options: OperationsOptions): Operations {
  const texts = new LRUCache<string, DocumentNode>({
    max: maxDocuments,
    maxSize: maxDocumentCharacters,
    sizeCalculation: (_document, text) => text.length || 1,
  });
  const plans = new LRUCache<string, Plan>({ maxSize: maxPlannedFields });
  const documents = new WeakMap<DocumentNode, DocumentRecord>();
  const admit = createAdmit(options.pricer);
  const rules = options.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  let keys = 0;

  function recordOf(document: DocumentNode): DocumentRecord {
    const cached = documents.get(document) ?? {
      errors: undefined,
      key: ++keys,
      conditions: conditionsOf(document),
      fieldCount: countSelectedFields(document),
    };
    documents.set(document, cached);
    return cached;
  }

  function planFor(document: DocumentNode, operation: OperationDefinitionNode, variables: VariableValues): Plan {
    const { key, conditions, fieldCount } = recordOf(document);
    const name = `${key} ${operation.name?.value ?? ''} ${conditions.map((condition) => variables[condition])}`;
    const cached = plans.get(name);
    if (cached) return cached;
    const plan = planOf(schema, document, operation);
    plans.set(name, plan, { size: Math.min(fieldCount, maxPlannedFields) + 1 });
    return plan;
  }

  /** The coerced variables; empty for an unknown operation, which is reported elsewhere. */
  function coerce(operation: OperationDefinitionNode | null | undefined, variables: Variables) {
    const definitions = operation?.variableDefinitions ?? [];
    if (definitions.length === 0) return { coerced: {} };
    const given = variables ?? {};
    const valid = coerceVariables(schema, definitions, given);
    if (valid) return { coerced: valid };
    const { coerced, errors } = getVariableValues(schema, definitions, given, {
      maxErrors: maxVariableErrors,
    });
    return errors ? { errors: errors.map(withDepthError) } : { coerced };
  }

  async function resultOf({ document: text, variables }: Operation, context: unknown): Promise<ExecutionResult> {
    try {
      const document = operations.parse(text);
      const errors = operations.validate(document);
      return errors.length > 0 ? { errors } : await operations.execute(document, undefined, variables, context);
    } catch (error) {
      // The REST faces generate the documents, so the only possible parse error is a document that is too large.
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
  }

  function recorded(plan: Plan, result: Promise<ExecutionResult> | ExecutionResult, startedAt: number) {
    const { onExecuted } = options;
    if (onExecuted === undefined) return result;
    if (result instanceof Promise) {
      return result.then((value) => {
        onExecuted(plan, value, startedAt);
        return value;
      });
    }
    onExecuted(plan, result, startedAt);
    return result;
  }

  const operations: Operations = {
    schema,
    parse(text) {
      const cached = texts.get(text);
      if (cached) return cached;
      assertNotTooDeep(text);
      const document = rewriteLeafUsers(parse(text, { maxTokens: options.tokenLimit }), schema);
      texts.set(text, document);
      return document;
    },
    validate(document) {
      const cached = recordOf(document);
      cached.errors ??= validate(schema, document, rules).map((error) =>
        withoutSuggestion(error, options.introspection),
      );
      return cached.errors;
    },
    variableErrors: (document, operationName, variables) =>
      coerce(getOperationAST(document, operationName), variables).errors,
    refusal(document, operationName, variables, context) {
      const operation = getOperationAST(document, operationName);
      const { coerced } = coerce(operation, variables);
      return operation && coerced ? admit(document, operation, coerced, context) : undefined;
    },
    execute(document, operationName, variables, contextValue, event) {
      const operation = getOperationAST(document, operationName);
      const { coerced, errors } = coerce(operation, variables);
      if (errors) return { errors };
      if (!operation) return { errors: [unknownOperation(operationName)] };
      // Events are not recorded: a subscription may get very many.
      const traced = event === undefined ? traceOperation(operation, contextValue, options.tracer) : undefined;
      const context = traced?.context ?? contextValue;
      const runPlan = () => {
        const startedAt = performance.now();
        const plan = planFor(document, operation, coerced);
        const result = run(plan, {
          variables: coerced,
          context,
          root: event,
          sizeMax: options.answerMax,
        });
        return recorded(plan, result, startedAt);
      };
      const unlessRefused = (refusal: GraphQLError | undefined) => (refusal ? { errors: [refusal] } : runPlan());
      if (event !== undefined) return runPlan();
      const refusal = admit(document, operation, coerced, context, traced?.onPriced);
      const result = refusal instanceof Promise ? refusal.then(unlessRefused) : unlessRefused(refusal);
      return traced ? traced.endWith(result) : result;
    },
    async run<Data>(operation: Operation, context: unknown) {
      const { data, errors = [] } = await resultOf(operation, context);
      if (errors.length > 0) throw firstFailure(errors);
      // The caller wrote the document, so it knows the shape of its data.
      return data as Data;
    },
  };
  return operations;
}

/** The names of all variables in `@include` and `@skip` directives of the document. */
function conditionsOf(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    [Kind.DIRECTIVE]: (directive) => {
      for (const { value } of directive.arguments ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return [...names];
}
