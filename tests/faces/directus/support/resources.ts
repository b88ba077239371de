import { type JsonObject, parseQuery, parseQueryString, type Query } from '../../../../src/faces/directus/query.ts';
import { describeResource } from '../../../../src/faces/directus/resource.ts';
import { readConfig } from '../../../../src/read-config.ts';
import { schema } from '../../../../src/schema/schema.ts';

export const { limits } = readConfig({});
export const notifications = describeResource(schema, 'notifications');
export const users = describeResource(schema, 'users');

/** Parses a query string as the routes do. */
export function queryOf(text: string): Query {
  return parseQuery(parseQueryString(text), limits);
}

/** Parses the query in a body as the routes do. */
export function bodyQuery(given: JsonObject): Query {
  return parseQuery(given, limits);
}

/** Returns the error that `work` throws, to compare its code and extensions. */
export function faultOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing went wrong.');
}
