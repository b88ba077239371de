import {
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Dice } from './dice.ts';

/** The generated variables of an operation: definitions, and the values that are given. */
export interface Variables {
  readonly definitions: string[];
  readonly values: Record<string, unknown>;
}

const texts = ['a', 'inbox', '1', '$NOW', '', 'é"\\'];
const deepest = 3;

/** A value that is not null. */
function presentOf(type: GraphQLInputType, dice: Dice, depth = 0): unknown {
  for (;;) {
    const value = jsonFor(type, dice, depth);
    if (value !== null) return value;
  }
}

/** A value of the type as JSON, as a client would send it. */
export function jsonFor(type: GraphQLInputType, dice: Dice, depth = 0): unknown {
  if (!isNonNullType(type) && dice.chance(0.15)) return null;
  const inner = getNullableType(type);
  if (isListType(inner)) {
    if (dice.chance(0.2)) return jsonFor(inner.ofType, dice, depth + 1);
    return Array.from({ length: dice.below(3) }, () => jsonFor(inner.ofType, dice, depth + 1));
  }
  if (isEnumType(inner)) return dice.pick(inner.getValues()).name;
  if (isInputObjectType(inner)) {
    const entries = Object.values(inner.getFields()).flatMap(({ name, type: of }) =>
      isNonNullType(of) || (depth < deepest && dice.chance(0.15)) ? [[name, jsonFor(of, dice, depth + 1)]] : [],
    );
    return Object.fromEntries(entries);
  }
  switch (inner.name) {
    case 'Int':
      return dice.below(100);
    case 'Float':
      return dice.below(100) / 4;
    case 'Boolean':
      return dice.chance(0.5);
    case 'ID':
      return dice.chance(0.5) ? dice.below(100) : dice.pick(texts);
    case 'GraphQLStringOrFloat':
      return dice.chance(0.5) ? dice.below(100) / 4 : dice.pick(texts);
    case 'directus_users_key':
      return dice.chance(0.5) ? 'some-user' : { id: 'some-user' };
    case 'JSON':
      return jsonOf(dice, depth);
    default:
      return dice.pick(texts);
  }
}

function jsonOf(dice: Dice, depth: number): unknown {
  const kind = depth >= deepest ? dice.below(4) : dice.below(6);
  if (kind === 0) return null;
  if (kind === 1) return dice.below(1000);
  if (kind === 2) return dice.chance(0.5);
  if (kind === 3) return dice.pick(texts);
  if (kind === 4) return Array.from({ length: dice.below(3) }, () => jsonOf(dice, depth + 1));
  return Object.fromEntries(['x', 'y', 'z'].slice(dice.below(3)).map((name) => [name, jsonOf(dice, depth + 1)]));
}

/**
 * An input value in a document: a literal, a variable, or a literal that contains variables.
 * @param hasDefault whether the position has a default, so that a nullable variable is allowed.
 */
export function inputOf(
  type: GraphQLInputType,
  variables: Variables,
  dice: Dice,
  { depth = 0, hasDefault = false } = {},
): string {
  if (dice.chance(0.4)) return variableOf(type, variables, dice, hasDefault);
  if (!isNonNullType(type) && dice.chance(0.1)) return 'null';
  const inner = getNullableType(type);
  if (isListType(inner)) {
    const item = () => inputOf(inner.ofType, variables, dice, { depth: depth + 1 });
    // A single value stands for a list of one, but a variable must have the list type.
    if (dice.chance(0.15)) return literal(presentOf(inner.ofType, dice, depth), inner.ofType);
    return `[${Array.from({ length: dice.below(3) }, item).join(', ')}]`;
  }
  if (isInputObjectType(inner)) {
    const fields = Object.values(inner.getFields()).flatMap(({ name, type: of, defaultValue }) =>
      isNonNullType(of) || (depth < deepest && dice.chance(0.2))
        ? [`${name}: ${inputOf(of, variables, dice, { depth: depth + 1, hasDefault: defaultValue !== undefined })}`]
        : [],
    );
    return `{ ${fields.join(', ')} }`;
  }
  const name = 'name' in inner ? inner.name : '';
  if (name === 'JSON' && dice.chance(0.6)) return jsonWithVariables(variables, dice, 0);
  // The variable may hold an invalid key, which only the run detects.
  if (name === 'directus_users_key' && dice.chance(0.4)) {
    return `{ id: ${named(dice.pick(['String', 'ID', 'Int', 'JSON']), dice.pick(['some-user', 5]), variables, dice)} }`;
  }
  return literal(jsonFor(isNonNullType(type) ? type : inner, dice, depth), type);
}

function jsonWithVariables(variables: Variables, dice: Dice, depth: number): string {
  const kind = depth >= deepest ? 0 : dice.below(4);
  if (kind === 0) return literal(jsonOf(dice, deepest));
  if (kind === 1) {
    const [type, value] = dice.pick<readonly [string, unknown]>([
      ['String', 'text'],
      ['Int', 7],
      ['JSON', { deep: [1] }],
      ['[String]', ['a', null]],
      ['read_status', 'unread'],
    ]);
    return named(type, value, variables, dice);
  }
  const part = () => jsonWithVariables(variables, dice, depth + 1);
  if (kind === 2) return `[${Array.from({ length: dice.below(3) }, part).join(', ')}]`;
  return `{ ${['x', 'y', 'z'].slice(dice.below(3)).map((name) => `${name}: ${part()}`)} }`;
}

/** A variable of the type that is given, absent, null or has a default, as the position allows. */
function variableOf(type: GraphQLInputType, variables: Variables, dice: Dice, hasDefault: boolean): string {
  const isNonNull = isNonNullType(type);
  const nullable = isNonNull ? String(type.ofType) : String(type);
  const base: GraphQLInputType = isNonNull ? type.ofType : type;
  const shared = Object.keys(variables.values).find((name) => variables.definitions.includes(`$${name}: ${type}`));
  if (shared !== undefined && dice.chance(0.3)) return `$${shared} `;
  const fresh = `v${variables.definitions.length}`;
  // Null overrides a default, also where the position does not accept null: a field error.
  const giveOrNot = () => {
    if (dice.chance(0.5)) variables.values[fresh] = dice.chance(0.3) ? null : jsonFor(base, dice);
  };
  const way = dice.below(isNonNull ? 3 : 4);
  if (way === 0) {
    variables.definitions.push(`$${fresh}: ${nullable}!`);
    // Occasionally missing, which is an error of the whole request.
    if (!dice.chance(0.01)) variables.values[fresh] = presentOf(base, dice);
  } else if (way === 1 || (isNonNull && !hasDefault)) {
    variables.definitions.push(`$${fresh}: ${nullable} = ${literal(presentOf(base, dice), base)}`);
    giveOrNot();
  } else {
    variables.definitions.push(`$${fresh}: ${nullable}`);
    giveOrNot();
  }
  return `$${fresh} `;
}

/** A variable inside the literal of a custom scalar, which accepts any type. */
function named(type: string, value: unknown, variables: Variables, dice: Dice): string {
  const fresh = `v${variables.definitions.length}`;
  variables.definitions.push(dice.chance(0.3) ? `$${fresh}: ${type} = null` : `$${fresh}: ${type}`);
  const fits = type === 'Int' ? typeof value === 'number' : true;
  if (dice.chance(0.6)) variables.values[fresh] = dice.chance(0.2) || !fits ? null : value;
  return `$${fresh} `;
}

/** A condition for `@include` or `@skip`. */
export function conditionOf(variables: Variables, dice: Dice): string {
  if (dice.chance(0.4)) return String(dice.chance(0.5));
  const known = variables.definitions.flatMap((text) => /^\$(c\d+): Boolean/.exec(text)?.[1] ?? []);
  if (known.length > 0 && dice.chance(0.5)) return `$${dice.pick(known)} `;
  const fresh = `c${variables.definitions.length}`;
  if (dice.chance(0.6)) {
    variables.definitions.push(`$${fresh}: Boolean!`);
    variables.values[fresh] = dice.chance(0.5);
  } else {
    variables.definitions.push(`$${fresh}: Boolean = ${dice.chance(0.5)}`);
    if (dice.chance(0.6)) variables.values[fresh] = dice.chance(0.1) ? null : dice.chance(0.5);
  }
  return `$${fresh} `;
}

/** A JSON value in GraphQL syntax; enum values are names. */
function literal(value: unknown, type?: GraphQLInputType): string {
  const inner = type && getNullableType(type);
  if (Array.isArray(value)) {
    const item = isListType(inner) ? inner.ofType : undefined;
    return `[${value.map((one) => literal(one, item)).join(', ')}]`;
  }
  if (isListType(inner) && value !== null) return literal(value, inner.ofType);
  if (typeof value === 'object' && value !== null) {
    const fields = isInputObjectType(inner) ? inner.getFields() : {};
    return `{ ${Object.entries(value).map(([name, one]) => `${name}: ${literal(one, fields[name]?.type)}`)} }`;
  }
  return isEnumType(inner) && typeof value === 'string' ? value : JSON.stringify(value);
}
