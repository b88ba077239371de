import {
  type GraphQLInterfaceType,
  type GraphQLLeafType,
  GraphQLNonNull,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  responsePathAsArray,
} from 'graphql';
import { type Dice, diceOf, seedOf } from './dice.ts';

/** Inputs and recorded calls of the resolvers in one run. */
export interface Recording {
  readonly seed: number;
  /** Resolver calls with their arguments, in order. */
  readonly calls: string[];
}

/** The probability that a resolver returns null or undefined, whatever the type, or returns or throws an error. */
const faults = 0.03;

/**
 * Adds resolvers to the schema that record their calls and return values determined by path, arguments and seed:
 * values, nulls, lists, promises that resolve after one turn or several, and errors. Fields without a resolver keep
 * reading a property of their parent.
 */
export function recordResolvers(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInterfaceType(type)) type.resolveType = typeNameOf;
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (field.resolve || type === schema.getSubscriptionType()) field.resolve = recorded;
    }
  }
}

/** How interface objects report their type: a name, a promise of one, or an invalid value. */
const typeNames = new WeakMap<object, unknown>();

function typeNameOf(value: unknown, { calls }: Recording, info: GraphQLResolveInfo): string {
  calls.push(`type of ${responsePathAsArray(info.path).join('.')}`);
  // Some names are invalid values, because real resolvers may return such values, too.
  return (typeof value === 'object' && value !== null ? typeNames.get(value) : undefined) as string;
}

/** Objects without promises below them. */
const immediate = new WeakSet<object>();

function recorded(source: unknown, args: unknown, { seed, calls }: Recording, info: GraphQLResolveInfo): unknown {
  const position = responsePathAsArray(info.path).join('.');
  const call = `${position} ${info.parentType.name}.${info.fieldName} ${spelled(args)}`;
  calls.push(`${call} ${info.fieldNodes.length} ${spelled(info.variableValues)}`);
  const dice = diceOf(seedOf(`${seed} ${call}`));
  const isNow = typeof source === 'object' && source !== null && immediate.has(source);
  return isNow ? outcomeOf(info, info.returnType, dice, true) : soonOrLater(info, dice);
}

/** JSON in which a property with the value undefined differs from a missing property. */
export function spelled(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (inner === undefined ? '(undefined)' : inner));
}

type Position = Pick<GraphQLResolveInfo, 'schema'>;

function soonOrLater(info: GraphQLResolveInfo, dice: Dice): unknown {
  const make = () => outcomeOf(info, info.returnType, dice, false);
  return dice.chance(0.7) ? make() : later(dice, make);
}

function later(dice: Dice, make: () => unknown): Promise<unknown> {
  const made = (async () => {
    for (let turn = dice.below(4); turn > 0; turn--) await undefined;
    return make();
  })();
  // Nobody awaits the promise of a field that is not selected.
  made.catch(() => undefined);
  return made;
}

function outcomeOf(position: Position, type: GraphQLOutputType, dice: Dice, isNow: boolean): unknown {
  if (dice.chance(faults)) {
    if (dice.chance(0.3)) return new Error(`returned ${dice.below(10)}`);
    if (dice.chance(0.5)) throw new Error(`thrown ${dice.below(10)}`);
    return dice.chance(0.5) ? null : undefined;
  }
  const inner = getNullableType(type);
  if (inner === type && dice.chance(0.1)) return dice.chance(0.5) ? null : undefined;
  if (isListType(inner)) return listOf(position, inner.ofType, dice, isNow);
  if (isInterfaceType(inner)) return possibleOf(position, inner, dice, isNow);
  if (!isObjectType(inner)) return leafOf(inner as GraphQLLeafType, dice);
  const plain = Object.values(inner.getFields()).filter(({ resolve }) => resolve === undefined);
  const made = Object.fromEntries(plain.map(({ name, type: of }) => [name, propertyOf(position, of, dice, isNow)]));
  if (isNow) immediate.add(made);
  return made;
}

/** An object of one of the possible types of an interface; sometimes it reports a wrong type. */
function possibleOf({ schema }: Position, type: GraphQLInterfaceType, dice: Dice, isNow: boolean): unknown {
  const possible = dice.pick(schema.getPossibleTypes(type));
  const made = outcomeOf({ schema }, new GraphQLNonNull(possible), dice, isNow);
  if (typeof made !== 'object' || made === null || made instanceof Error) return made;
  const wrong = ['Nope', 'Int', 'Query', type.name, undefined, null];
  const name = dice.chance(0.1) ? dice.pick<unknown>(wrong) : possible.name;
  typeNames.set(made, isNow || dice.chance(0.7) ? name : Promise.resolve(name));
  return made;
}

/**
 * The items of a non-null list are either all promises or none: graphql-js abandons a promise when a later item fails
 * synchronously, and an unhandled rejection would end the process.
 */
function listOf(position: Position, type: GraphQLOutputType, dice: Dice, isNow: boolean): unknown {
  if (dice.chance(0.02)) return 'no list';
  const isNowBelow = isNow || (isNonNullType(type) && dice.chance(0.5));
  const isLaterBelow = !isNowBelow && isNonNullType(type);
  const items = Array.from({ length: dice.below(4) }, () =>
    isLaterBelow || (!isNowBelow && dice.chance(0.2))
      ? later(dice, () => outcomeOf(position, type, dice, false))
      : orError(() => outcomeOf(position, type, dice, isNowBelow)),
  );
  return dice.chance(0.1) ? new Set(items) : items;
}

/** The value of a property: as it is, from a method, as a promise, or an error. */
function propertyOf(position: Position, type: GraphQLOutputType, dice: Dice, isNow: boolean): unknown {
  const value = orError(() => outcomeOf(position, type, dice, isNow));
  const way = dice.below(20);
  if (way === 0)
    return (args: unknown, { calls }: Recording) => {
      calls.push(`method ${spelled(args)}`);
      return value;
    };
  return way === 1 && !isNow ? Promise.resolve(value) : value;
}

function orError(make: () => unknown): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

function leafOf(type: GraphQLLeafType, dice: Dice): unknown {
  if (isEnumType(type)) return dice.chance(0.95) ? dice.pick(type.getValues()).value : 'unknown';
  switch (type.name) {
    case 'Int':
      return dice.pick<unknown>([1, '2', true, 3.5, 2 ** 40, 'no number', 0, -0]);
    case 'Float':
      return dice.pick<unknown>([1, 2.5, '3', Number.NaN, false]);
    case 'Boolean':
      return dice.pick<unknown>([true, false, 1, 0, 'no']);
    case 'ID':
      return dice.pick<unknown>(['id', 12, 9.5, 12n, {}]);
    case 'JSON':
      return dice.pick<unknown>([{ a: [1, null] }, [], 'text', 0, false]);
    case 'String':
      return dice.pick<unknown>(['text', 'text', 'more', 5, true, {}, ['a']]);
    default:
      return dice.pick<unknown>(['text', 7]);
  }
}
