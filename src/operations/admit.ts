import { GraphQLError } from 'graphql';
import { retryAfterSeconds } from '../quota.ts';
import type { Charge, Refusal } from '../rate-limits/caller-limits.ts';
import type { Pricer } from './price.ts';

/** Why an operation may not run: it costs more than any operation may, or more than its caller has left. */
export type Admit = Pricer['refusal'];

/** Prices operations, and takes the price from the points of the caller if there is a limit. */
export function createAdmit(pricer: Pricer | undefined): Admit {
  if (pricer === undefined) return () => undefined;
  return (document, operation, variables, context, onPriced) => {
    const charge = chargeOf(context);
    if (charge === undefined) return pricer.refusal(document, operation, variables, context, onPriced);
    // Stays undefined for reads that the service makes for itself; they belong to an operation that was charged.
    let price: number | undefined;
    const refusal = pricer.refusal(document, operation, variables, context, (total) => {
      price = total;
      onPriced?.(total);
    });
    if (refusal instanceof Promise) return refusal.then((refused) => refused ?? charged(charge, price));
    return refusal ?? charged(charge, price);
  };
}

function charged(charge: Charge, price: number | undefined): ReturnType<Admit> {
  if (price === undefined) return undefined;
  const refusal = charge(price);
  return refusal instanceof Promise ? refusal.then(toGraphQLError) : toGraphQLError(refusal);
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
