import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import type { JsonSchema } from './json-schema.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Describes the route in `/openapi.json`; a route without it is not part of the REST API. */
    openapi?: OperationDescription;
  }
}

/** A parameter of a route. It has `content` instead of `schema` if its value is JSON text. */
export interface ParameterDescription {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: JsonSchema;
  readonly content?: Contents;
  readonly style?: 'form';
  readonly explode?: boolean;
  readonly example?: unknown;
}

/** The schemas of a body, by media type. */
export type Contents = Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;

export interface AnswerDescription {
  readonly description: string;
  readonly content?: Contents;
}

/** One operation of the REST API, in OpenAPI's words. */
export interface OperationDescription {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly [Tag];
  /** Path parameters that are not listed are strings. */
  readonly parameters?: readonly ParameterDescription[];
  readonly requestBody?: { readonly required: boolean; readonly content: Contents };
  /** By status; `default` is the answer to every status that is not named. */
  readonly responses: Readonly<Record<string, AnswerDescription>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  /** The components that the schemas of this operation refer to. */
  readonly schemas?: Readonly<Record<string, JsonSchema>>;
}

const tags = {
  Notifications: 'The notifications a caller may see, as Directus serves them.',
  Users: 'The users who receive notifications, as Directus serves them.',
  Authentication: 'Signing in with a password, as Directus does it.',
  Server: 'The server itself, as Directus describes it.',
  Inbox: 'The caller’s inbox, as Coder serves it.',
  Templates: 'Templates and how they are sent, as Coder serves them.',
  Preferences: 'What a user chose to receive, and the settings of the service, as Coder serves them.',
  Messages: 'Messages to oneself, as Coder serves them.',
  Health: 'For load balancers and for Prometheus.',
} as const;

export type Tag = keyof typeof tags;

/** The route requires a token. */
export const bearer = [{ bearer: [] }] as const;
/** The route requires no token. */
export const anybody = [{}, ...bearer] as const;
/** The route requires a token, which may also be sent in Coder's header. */
export const session = [{ session: [] }, ...bearer] as const;

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The token of a user.' },
  session: {
    type: 'apiKey',
    in: 'header',
    name: 'Coder-Session-Token',
    description: 'The same token, in the header that clients of Coder send.',
  },
} as const;

/** The options of a route that describe it. @param more further configuration of the route */
export const documented = (openapi: OperationDescription, more: FastifyContextConfig = {}) => ({
  config: { openapi, ...more },
});

/** JSON of this schema. */
export const json = (schema: JsonSchema): Contents => ({ 'application/json': { schema } });
/** Text of this type. */
export const plain = (type: string): Contents => ({ [type]: { schema: { type: 'string' } } });

/** Methods that a path of OpenAPI 3.1 can have. */
const standardMethods: ReadonlySet<string> = new Set(['GET', 'PUT', 'POST', 'DELETE', 'PATCH']);

interface DescribedRoute {
  readonly method: string;
  readonly path: string;
  readonly operation: OperationDescription;
}

/**
 * Collects the descriptions of the routes that are registered after it. Returns a function that writes them as a
 * document of OpenAPI 3.1; call it after all routes are registered.
 */
export function collectOperations(app: FastifyInstance): () => OpenApiDocument {
  const routes: DescribedRoute[] = [];
  app.addHook('onRoute', ({ method, url, config }) => {
    const operation = config?.openapi;
    if (operation === undefined) return;
    const path = url.replace(/:(\w+)/g, '{$1}');
    // Fastify adds a HEAD route to each GET route; it is not described.
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push({ method: each, path, operation });
  });
  return () => documentOf(routes);
}

export type OpenApiDocument = ReturnType<typeof documentOf>;

function documentOf(routes: readonly DescribedRoute[]) {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const { method, path, operation } of routes) {
    const item = paths[path] ?? {};
    paths[path] = item;
    const { schemas: _schemas, ...described } = operation;
    const written = { ...described, parameters: [...pathParameters(path, operation), ...(operation.parameters ?? [])] };
    if (standardMethods.has(method)) item[method.toLowerCase()] = written;
    // OpenAPI 3.2 has this key without the prefix `x-`.
    else item['x-additionalOperations'] = { [method]: written };
  }
  const schemas = Object.assign({}, ...routes.map(({ operation }) => operation.schemas ?? {}));
  return {
    openapi: '3.1.1',
    info: {
      title: 'Tidings',
      version: '1',
      description:
        'One store of notifications behind the REST APIs of Directus and of Coder. Every route and every field is also in GraphQL, at `/graphql/system`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: { securitySchemes, schemas: sorted(schemas) },
  };
}

function pathParameters(path: string, { parameters = [] }: OperationDescription): ParameterDescription[] {
  const described = new Set(parameters.filter((each) => each.in === 'path').map(({ name }) => name));
  return [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name = '']) =>
    described.has(name) ? [] : [{ name, in: 'path' as const, required: true, schema: { type: 'string' } }],
  );
}

function sorted(schemas: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
}
