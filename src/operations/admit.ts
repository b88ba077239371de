import { type DocumentNode, GraphQLError, type OperationDefinitionNode } from 'graphql';
import { retryAfterSeconds } from '../quota.ts';
import type { Charge, Refusal } from '../rate-limits/caller-limits.ts';
import type { VariableValues } from './plan.ts';
import type { Pricer } from './price.ts';

/** Why an operation may not run: it costs more than any operation may, or more than its caller has left. */
export type Admit = Pricer['refusal'];

/** Prices operations, and takes the price from the points of the caller if there is a limit. */
export function createAdmit(pricer: Pricer | undefined): Admit {
  if (pricer === undefined) return () => undefined;
  return (document, operation, variables, context, onPriced) => {
    const charge = chargeOf(context);
    if (charge === undefined) return pricer.refusal(document, operation, variables, context, onPriced);
    return admitCharged(pricer, charge, { document, operation, variables, context, onPriced });
  };
}

interface Priced {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: VariableValues;
  readonly context: unknown;
  readonly onPriced: ((price: number) => void) | undefined;
}

function admitCharged(
  pricer: Pricer,
  charge: Charge,
  { document, operation, variables, context, onPriced }: Priced,
): ReturnType<Admit> {
  // Stays undefined for reads that the service makes for itself; they belong to an operation that was charged.
  let price: number | undefined;
  const refusal = pricer.refusal(document, operation, variables, context, (total) => {
    price = total;
    onPriced?.(total);
  });
  const chargeUnless = (refused: GraphQLError | undefined) => {
    if (refused || price === undefined) return refused;
    const charged = charge(price);
    return charged instanceof Promise ? charged.then(toGraphQLError) : toGraphQLError(charged);
  };
  return refusal instanceof Promise ? refusal.then(chargeUnless) : chargeUnless(refusal);
}

/** Every operation runs with a `GraphQLContext`, or with none in tests of the executor. */
function chargeOf(context: unknown): Charge | undefined {
  return (context as { readonly charge?: Charge } | undefined)?.charge;
}

/** The error with the status and header of its response, which only HTTP uses. */
function toGraphQLError(error: Refusal): GraphQLError | undefined {
  if (error === undefined) return undefined;
  const http = { status: 429, headers: { 'retry-after': String(retryAfterSeconds(error)) } };
  return new GraphQLError(error.message, { originalError: error, extensions: { http } });
}
