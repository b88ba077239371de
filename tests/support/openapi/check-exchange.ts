import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parseQueryString } from '../../../src/faces/directus/query.ts';

/** A request and its answer, with the bodies as text. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly status: number;
  readonly sentType: string | undefined;
  readonly sent: string;
  readonly answeredType: string | undefined;
  readonly answered: string;
}

type Contents = Readonly<Record<string, { readonly schema: object }>>;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: { readonly type?: unknown };
  readonly content?: Contents;
}

interface Operation {
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: boolean; readonly content: Contents };
  readonly responses: Readonly<Record<string, { readonly content?: Contents }>>;
}

interface Described {
  readonly pattern: RegExp;
  readonly operations: ReadonlyMap<string, Operation>;
}

interface Document {
  readonly paths: Readonly<Record<string, object>>;
  readonly components: { readonly schemas: object };
}

const document = JSON.parse(readFileSync('openapi.json', 'utf8')) as Document;
const paths = describedPaths(document);
const ajv = new Ajv2020({ strict: false, coerceTypes: false });
addFormats.default(ajv);
ajv.addSchema({ $id: 'document', components: document.components });
const validators = new Map<object, ValidateFunction>();

function describedPaths({ paths: items }: Document): readonly Described[] {
  const described = Object.entries(items).map(([path, item]) => {
    // Operations by method; those of methods that OpenAPI 3.1 lacks are listed separately.
    const { 'x-additionalOperations': more, ...methods } = item as Record<string, object>;
    const operations = Object.entries({ ...methods, ...more }) as [string, Operation][];
    return {
      pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}/?$`),
      operations: new Map(operations.map(([method, operation]) => [method.toUpperCase(), operation])),
    };
  });
  // Literal paths come first: `/users/me` before `/users/{id}`.
  return described.sort((one, other) => groupsIn(one) - groupsIn(other));
}

function groupsIn({ pattern }: Described): number {
  return pattern.source.split('(').length;
}

/** Whether the document has the path of this address, for this method. */
export function isDescribed(method: string, url: string): boolean {
  return operationOf(method, url) !== undefined;
}

function operationOf(method: string, url: string): Operation | undefined {
  const path = url.split('?')[0] ?? '';
  const described = paths.find(({ pattern }) => pattern.test(path));
  return described?.operations.get(method === 'HEAD' ? 'GET' : method);
}

/** The differences of an exchange from the document. The request is compared only if it succeeded. */
export function faultsOf(exchange: Exchange): string[] {
  const operation = operationOf(exchange.method, exchange.url);
  if (!operation) return [];
  const isRefused = exchange.status >= 400;
  return [...(isRefused ? [] : requestFaults(operation, exchange)), ...answerFaults(operation, exchange)];
}

function requestFaults({ parameters, requestBody }: Operation, { url, sent, sentType }: Exchange): string[] {
  const query = parseQueryString(url.split('?')[1] ?? '');
  const faults = parameters.flatMap(({ name, schema, content, ...parameter }) => {
    const given = query[name];
    if (parameter.in !== 'query' || given === undefined || given === '') return [];
    const json = content?.['application/json'];
    const value = json ? (typeof given === 'string' ? JSON.parse(given) : given) : givenValue(given, schema?.type);
    return check(json?.schema ?? schema ?? {}, value, `parameter ${name}`);
  });
  // The Coder face ignores the type of a body.
  const isJson = sentType?.includes('json') || url.startsWith('/api/v2');
  if (sent.trim() === '' || !isJson) return faults;
  const schema = requestBody?.content['application/json']?.schema;
  if (schema) return [...faults, ...check(schema, JSON.parse(sent), 'request body')];
  // Tests of routes that ignore their body send text that is not an object.
  return sent.startsWith('{"') ? [...faults, 'a body was sent, but the document describes none'] : faults;
}

/** Parses a query parameter as the type that the document describes. */
function givenValue(given: unknown, type: unknown): unknown {
  if (type === 'array')
    return [given].flat().flatMap((text) =>
      String(text)
        .split(',')
        .map((part) => part.trim()),
    );
  return type === 'integer' ? Number(given) : given;
}

function answerFaults({ responses }: Operation, { method, status, answered, answeredType }: Exchange): string[] {
  const response = responses[status] ?? (status >= 400 ? responses['default'] : undefined);
  if (!response) return ['the status is not described'];
  if (answered === '' || method === 'HEAD') return [];
  const type = answeredType?.split(';')[0] ?? '';
  const content = response.content?.[type];
  if (!content) return [`the content type ${type} is not described`];
  return type === 'application/json' ? check(content.schema, JSON.parse(answered), 'answer') : [];
}

function check(schema: object, value: unknown, what: string): string[] {
  const validate = validators.get(schema) ?? ajv.compile(inDocument(schema));
  validators.set(schema, validate);
  if (validate(value)) return [];
  const [first] = validate.errors ?? [];
  return [`${what}${first?.instancePath} ${first?.message} (${JSON.stringify(value).slice(0, 300)})`];
}

/** The schema, with its references changed to refer to the document. */
function inDocument(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"document#/components/'));
}
