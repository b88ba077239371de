import { componentOf, propertyRows, typeText } from './json-schema.mjs';
import { page, prose, table } from './markdown.mjs';

/** Writes the page of an OpenAPI document. */
export function restPage(document) {
  const operations = operationsOf(document);
  return page([
    '# REST reference',
    `${prose(document.info.description)} This page is generated from [openapi.json](../../openapi.json); a running service has the same at \`/docs\`, with a form that sends each request.`,
    'A request carries a token as `Authorization: Bearer …`, or for the routes under `/api/v2` as `Coder-Session-Token: …`.',
    ...document.tags.flatMap(({ name, description }) => [
      `## ${name}`,
      prose(description),
      ...operations.filter(({ described }) => described.tags[0] === name).flatMap(operationText),
    ]),
    '## Schemas',
    ...Object.entries(document.components.schemas).flatMap(([name, schema]) => [
      `### ${name}`,
      prose(schema.description ?? ''),
      table(['property', 'type', 'description'], propertyRows(schema)),
    ]),
  ]);
}

function operationsOf({ paths }) {
  return Object.entries(paths).flatMap(([path, { 'x-additionalOperations': more, ...methods }]) =>
    Object.entries({ ...methods, ...more }).map(([method, described]) => ({
      method: method.toUpperCase(),
      path,
      described,
    })),
  );
}

function operationText({ method, path, described }) {
  const { summary, description, parameters = [], requestBody, responses, security } = described;
  return [
    `### ${summary}`,
    `**\`${method} ${path}\`**${security?.length === 0 ? ' · needs no token' : ''}`,
    prose(description ?? ''),
    table(
      ['parameter', 'in', 'type', 'description'],
      parameters.map(({ name, in: place, required, schema, description: text }) => [
        `\`${name}\``,
        place,
        (schema ? typeText(schema) : 'JSON') + (required ? ', required' : ''),
        prose(text ?? ''),
      ]),
    ),
    ...(requestBody ? bodyText(requestBody) : []),
    table(
      ['answer', 'body', 'description'],
      Object.entries(responses).map(([status, answer]) => [
        status === 'default' ? 'any other' : status,
        answerBody(answer),
        prose(answer.description ?? ''),
      ]),
    ),
    ...Object.entries(responses).flatMap(([status, { content }]) => answerProperties(status, content)),
  ];
}

function bodyText({ content, description, required }) {
  const [type, { schema }] = Object.entries(content)[0];
  return [
    `Body${required ? '' : ' (optional)'}: ${typeText(schema)}, as \`${type}\`. ${prose(description ?? '')}`.trim(),
    table(['property', 'type', 'description'], propertyRows(schema)),
  ];
}

function answerBody({ content = {} }) {
  return Object.entries(content)
    .map(([type, { schema }]) => (type === 'application/json' ? typeText(schema) : `\`${type}\``))
    .join(' · ');
}

/** The properties of an answer whose schema is not in the section of schemas. */
function answerProperties(status, content) {
  const schema = content?.['application/json']?.schema;
  if (!schema || componentOf(schema)) return [];
  const rows = propertyRows(schema);
  return rows.length === 0 ? [] : [`The body of ${status}:`, table(['property', 'type', 'description'], rows)];
}
