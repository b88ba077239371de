import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isUnionType,
} from 'graphql';
import { slug } from '../../docs/.vitepress/slug.ts';
import { page, prose, table } from './markdown.mjs';

const intro = `# GraphQL reference

Every operation and type at \`/graphql/system\`. This page is generated from [schema.graphql](../../schema.graphql). \`!\` marks a value
that is never null, or must be given. How to send operations is in [Apollo, urql, Relay](../graphql-clients.md).`;

/** Writes the page of a schema. @param text the schema in SDL */
export function graphqlPage(text) {
  const schema = buildSchema(text);
  const roots = [
    ['Queries', 'query', schema.getQueryType()],
    ['Mutations', 'mutation', schema.getMutationType()],
    ['Subscriptions', 'subscription', schema.getSubscriptionType()],
  ];
  const named = Object.values(schema.getTypeMap())
    .filter(({ name, astNode }) => astNode && !roots.some(([, , root]) => root?.name === name))
    .sort((a, b) => a.name.localeCompare(b.name, 'en'));
  const groups = [
    ['Objects', isObjectType, objectSection],
    ['Interfaces', isInterfaceType, objectSection],
    ['Unions', isUnionType, unionSection],
    ['Inputs', isInputObjectType, inputSection],
    ['Enums', isEnumType, enumSection],
    ['Scalars', isScalarType, scalarSection],
  ];
  return page([
    intro,
    ...roots.flatMap(([title, kind, root]) => (root ? [`## ${title}`, ...operations(kind, root)] : [])),
    ...groups.flatMap(([title, matches, section]) => {
      const types = named.filter(matches);
      return types.length === 0 ? [] : [`## ${title}`, ...types.flatMap(section)];
    }),
  ]);
}

function operations(kind, root) {
  return Object.values(root.getFields()).flatMap((field) => [
    `### ${kind} ${field.name}`,
    descriptionOf(field),
    `Returns ${typeLink(field.type)}.${deprecation(field)}`,
    inputTable('argument', field.args),
  ]);
}

function objectSection(type) {
  const interfaces = type.getInterfaces().map(typeLink);
  const fields = Object.values(type.getFields());
  return [
    `### ${type.name}`,
    descriptionOf(type),
    interfaces.length === 0 ? '' : `Implements ${interfaces.join(', ')}.`,
    table(
      ['field', 'type', 'description'],
      fields.map((field) => [code(field.name), typeLink(field.type), fieldText(field)]),
    ),
  ];
}

/** The description of a field, then its arguments, in one cell. */
function fieldText(field) {
  const args = field.args.map(
    (arg) =>
      `${code(arg.name)} ${typeLink(arg.type)}${defaultOf(arg)}${arg.description ? `: ${prose(arg.description)}` : ''}`,
  );
  return [descriptionOf(field) + deprecation(field), ...args.map((arg) => `• ${arg}`)].filter(Boolean).join('<br>');
}

function unionSection(type) {
  return [`### ${type.name}`, descriptionOf(type), `One of ${type.getTypes().map(typeLink).join(', ')}.`];
}

function inputSection(type) {
  return [`### ${type.name}`, descriptionOf(type), inputTable('field', Object.values(type.getFields()))];
}

function inputTable(head, inputs) {
  return table(
    [head, 'type', 'description'],
    inputs.map((input) => [code(input.name), typeLink(input.type) + defaultOf(input), descriptionOf(input)]),
  );
}

function enumSection(type) {
  return [
    `### ${type.name}`,
    descriptionOf(type),
    table(
      ['value', 'description'],
      type.getValues().map((value) => [code(value.name), descriptionOf(value) + deprecation(value)]),
    ),
  ];
}

function scalarSection(type) {
  const specified = type.specifiedByURL ? ` As specified at <${type.specifiedByURL}>.` : '';
  return [`### ${type.name}`, descriptionOf(type) + specified];
}

const code = (text) => `\`${text}\``;
const descriptionOf = ({ description }) => prose(description ?? '');
const deprecation = ({ deprecationReason }) =>
  deprecationReason ? ` **Deprecated:** ${prose(deprecationReason)}` : '';
const defaultOf = ({ astNode }) =>
  astNode.defaultValue
    ? ` = ${code(astNode.defaultValue.loc.source.body.slice(astNode.defaultValue.loc.start, astNode.defaultValue.loc.end))}`
    : '';

/** A type as written in the schema, with a link to its section if the schema defines it. */
function typeLink(type) {
  const text = String(type);
  const name = text.replace(/[[\]!]/g, '');
  const isBuiltIn = ['Int', 'Float', 'String', 'Boolean', 'ID'].includes(name);
  return isBuiltIn ? code(text) : `[${code(text)}](#${slug(name)})`;
}
