import type { JsonSchema } from '../shared/json-schema.ts';
import { badRequest, type Validation } from './errors.ts';
import { readUuid } from './uuid.ts';

type Reading<Value> = { readonly value: Value } | { readonly fault: string };

/** One query parameter. `fallback` is its value when it is missing or empty. */
export interface Parameter<Value> {
  readonly fallback: Value;
  /** Its schema in the API reference. */
  readonly schema: JsonSchema;
  readonly read: (values: readonly string[], name: string) => Reading<Value>;
}

/** A function that reads the query parameters of a route; `parameters` holds their definitions by name. */
export interface QueryReader<Values> {
  (given: URLSearchParams): Values;
  readonly parameters: ReadonlyMap<string, Parameter<unknown>>;
}

/**
 * Returns a function that reads the query parameters of a route. It throws one `CoderError` with all faults, including
 * unknown parameters.
 */
export function coderQuery<Values extends object>(
  shape: {
    readonly [Name in keyof Values]: Parameter<Values[Name]>;
  },
): QueryReader<Values> {
  const parameters = new Map<string, Parameter<unknown>>(Object.entries(shape));
  function read(given: URLSearchParams): Values {
    const faults: Validation[] = [];
    const values = [...parameters].map(([name, parameter]) => {
      const reading = readParameter(given, name, parameter);
      if ('value' in reading) return [name, reading.value];
      faults.push({ field: name, detail: reading.fault });
      return [name, parameter.fallback];
    });
    for (const name of new Set(given.keys())) {
      if (parameters.has(name)) continue;
      faults.push({ field: name, detail: `${JSON.stringify(name)} is not a valid query param` });
    }
    if (faults.length > 0) throw badRequest({ message: 'Query parameters have invalid values.', validations: faults });
    // Each value was read by the parameter of that name in the shape.
    return Object.fromEntries(values) as Values;
  }
  return Object.assign(read, { parameters });
}

function readParameter<Value>(given: URLSearchParams, name: string, parameter: Parameter<Value>): Reading<Value> {
  const values = given.getAll(name);
  // An empty first value counts as missing.
  return values[0] ? parameter.read(values, name) : { value: parameter.fallback };
}

/** Comma-separated UUIDs; the parameter may be repeated, blanks around them are ignored. */
export function uuidList(): Parameter<readonly string[] | null> {
  return {
    fallback: null,
    schema: { type: 'array', items: { type: 'string', format: 'uuid' } },
    read(values, name) {
      const readings = values.flatMap((text) => text.split(',')).map((text) => readUuid(text.trim()));
      const faults = readings.flatMap((reading) => ('fault' in reading ? [reading.fault] : []));
      if (faults.length > 0) return { fault: `Query param "${name}" has invalid values: ${faults.join('\n')}` };
      return { value: readings.flatMap((reading) => ('uuid' in reading ? [reading.uuid] : [])) };
    },
  };
}

/** One UUID. */
export function uuid(): Parameter<string | null> {
  return {
    fallback: null,
    schema: { type: 'string', format: 'uuid' },
    read: single((text, name) => {
      const reading = readUuid(text);
      return 'uuid' in reading ? { value: reading.uuid } : { fault: `Query param "${name}" must be a valid uuid` };
    }),
  };
}

/** Any string. @param accepted the values that the route accepts, for the API reference. */
export function text(fallback: string, accepted: Iterable<string> = []): Parameter<string> {
  const values = [...accepted];
  const schema = { type: 'string', default: fallback, ...(values.length > 0 && { enum: values }) };
  return { fallback, schema, read: single((value) => ({ value })) };
}

function single<Value>(read: (text: string, name: string) => Reading<Value>): Parameter<Value>['read'] {
  return ([first = '', ...others], name) => {
    if (others.length === 0) return read(first, name);
    const times = `found ${others.length + 1} times`;
    return {
      fault: `Query param "${name}" provided more than once, ${times}. Only provide 1 instance of this query param.`,
    };
  };
}
