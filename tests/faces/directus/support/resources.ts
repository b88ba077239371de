import { type JsonObject, parseQuery, parseQueryString, type Query } from '../../../../src/faces/directus/query.ts';
import { describeResource } from '../../../../src/faces/directus/resource.ts';
import { readConfig } from '../../../../src/read-config.ts';
import { schema } from '../../../../src/schema/schema.ts';

export const { limits } = readConfig({});
export const notifications = describeResource(schema, 'notifications');
export const users = describeResource(schema, 'users');

/** The query of a query string as the routes read it. */
export function queryOf(text: string): Query {
  return parseQuery(parseQueryString(text), limits);
}

/** The query of a body as the routes read it. */
export function bodyQuery(given: JsonObject): Query {
  return parseQuery(given, limits);
}

/** What went wrong, for matching its code and extensions. */
export function faultOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing went wrong.');
}
