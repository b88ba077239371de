import type { Viewer } from '../auth/viewer.ts';
import type { Context } from '../context.ts';
import type { Mutations } from '../live/mutations.ts';
import { createUserLoader, type UserLoader } from './user-loader.ts';

/** What every resolver is given: the noun's context, the loaders of this one request, and the live side. */
export interface GraphQLContext extends Context {
  readonly users: UserLoader;
  readonly mutations: Mutations;
}

/** Everything of a context that is the same for all requests. */
export type Surroundings = Omit<Context, 'viewer'> & { readonly mutations: Mutations };

/** The context of one request, or of one operation on a socket. */
export function createContext(surroundings: Surroundings, viewer: Viewer): GraphQLContext {
  const context: Context = { ...surroundings, viewer };
  return { ...context, mutations: surroundings.mutations, users: createUserLoader(context) };
}
