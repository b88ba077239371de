import { createConnections } from './auth/connections.ts';
import { clientAddress, createTrust } from './client-address.ts';
import type { Services } from './faces/shared/services.ts';
import { createUnauthenticatedSockets } from './faces/shared/unauthenticated-sockets.ts';
import { createUnsent } from './faces/shared/unsent.ts';
import { costs } from './operations/costs.ts';
import { createErrorPresenter } from './operations/errors.ts';
import { createOperationMetrics } from './operations/operation-metrics.ts';
import { createOperations } from './operations/operations.ts';
import { createPricer } from './operations/price.ts';
import { schema } from './schema/schema.ts';

type GivenServices = Pick<
  Services,
  | 'config'
  | 'log'
  | 'createContext'
  | 'authenticate'
  | 'tokens'
  | 'signIn'
  | 'auth'
  | 'passwordResets'
  | 'oidc'
  | 'idempotency'
  | 'publishKeys'
  | 'callerLimits'
  | 'countRefusal'
  | 'health'
  | 'registry'
  | 'tracer'
>;

/** Adds to the given services those that need only the configuration and the schema. */
export function faceServices(given: GivenServices): Services {
  const { config, log, registry, tracer } = given;
  const { limits, graphql, live } = config;
  const pricer = createPricer({ schema, costs, limits, budget: graphql.priceLimit });
  const trust = createTrust(config.trustProxy);
  return {
    ...given,
    operations: createOperations(schema, { ...graphql, pricer, tracer, onExecuted: createOperationMetrics(registry) }),
    presentError: createErrorPresenter(log),
    connections: createConnections(live.connectionsPerUser),
    unauthenticatedSockets: createUnauthenticatedSockets(live.unauthenticatedSocketsPerAddress),
    unsent: createUnsent(config.unsentBytes),
    addressOf: (request) => clientAddress(request, trust),
  };
}
