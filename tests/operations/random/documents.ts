import {
  type GraphQLField,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql';
import { type Dice, diceOf } from './dice.ts';
import { conditionOf, inputOf, type Variables } from './values.ts';

/** A valid document and its variables. */
export interface RandomOperation {
  readonly text: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A type with fields. */
type Composite = GraphQLObjectType | GraphQLInterfaceType;

const isComposite = (type: unknown): type is Composite => isObjectType(type) || isInterfaceType(type);

interface Fragment {
  readonly name: string;
  readonly type: Composite;
  readonly text: string;
}

/** The document being written. */
interface Draft {
  readonly schema: GraphQLSchema;
  readonly dice: Dice;
  readonly variables: Variables;
  readonly fragments: Fragment[];
  /** The call under each response key of a type, so that fields with the same key can be merged. */
  readonly keys: Map<string, string>;
  /** Number of fields that may still be added. */
  left: number;
}

/** Generates a valid document of the schema, determined by the seed. */
export function randomOperation(schema: GraphQLSchema, seed: number): RandomOperation {
  const dice = diceOf(seed);
  const kind = dice.pick(['query', 'query', 'mutation', 'subscription'] as const);
  const root = schema.getRootType(kind as Parameters<GraphQLSchema['getRootType']>[0]);
  if (!root) throw new Error(`the schema has no ${kind}`);
  const variables: Variables = { definitions: [], values: {} };
  const draft: Draft = { schema, dice, variables, fragments: [], keys: new Map(), left: 15 + dice.below(30) };
  const types = Object.values(schema.getTypeMap()).filter(
    (type): type is Composite => isComposite(type) && type !== schema.getSubscriptionType(),
  );
  for (let count = dice.below(5); count > 0; count--) writeFragment(draft, dice.pick(types));
  // The root type gets fragments of its own, because a random type is rarely the root type.
  if (kind !== 'subscription' && dice.chance(0.3)) writeFragment(draft, root);
  const selection = kind === 'subscription' ? oneField(draft, root) : selectionOf(draft, root, 0);
  const name = dice.chance(0.5) ? 'Asked' : '';
  const collected = new Set<Fragment>();
  collectFragments(draft.fragments, selection, collected);
  const body = [selection, ...[...collected].map(({ text }) => text)].join('\n');
  // A variable used only in a fragment without spreads would be unused.
  const definitions = variables.definitions.filter((text) => body.includes(`${text.slice(0, text.indexOf(':'))} `));
  const others = name !== '' && dice.chance(0.2) ? 'query Other { __typename }\n' : '';
  const head = definitions.length === 0 ? '' : `(${definitions.join(', ')})`;
  return {
    text: `${others}${kind} ${name}${head} ${body}`,
    kind,
    operationName: others === '' ? undefined : name,
    variables: variables.values,
  };
}

/** Collects the fragments that a text spreads, directly or indirectly. */
function collectFragments(fragments: readonly Fragment[], text: string, collected: Set<Fragment>): void {
  for (const fragment of fragments) {
    if (collected.has(fragment) || !text.includes(`...${fragment.name} `)) continue;
    collected.add(fragment);
    collectFragments(fragments, fragment.text, collected);
  }
}

function writeFragment(draft: Draft, type: Composite): void {
  const name = `F${draft.fragments.length}`;
  const text = `fragment ${name} on ${type.name} ${selectionOf({ ...draft, left: 6 }, type, 1)}`;
  draft.fragments.push({ name, type, text });
}

/** A subscription has one root field, without conditions. */
function oneField(draft: Draft, root: GraphQLObjectType): string {
  return `{ ${fieldOf(draft, root, draft.dice.pick(Object.values(root.getFields())), 0, '')} }`;
}

function selectionOf(draft: Draft, type: Composite, depth: number): string {
  const { dice } = draft;
  const parts = Array.from({ length: 1 + dice.below(5) }, () => partOf(draft, type, depth));
  const found = parts.filter((part) => part !== '');
  // A selection must not be empty.
  return `{ ${found.length === 0 ? '__typename' : found.join(' ')} }`;
}

function partOf(draft: Draft, type: Composite, depth: number): string {
  const { dice } = draft;
  // An interface often gets an inline fragment, because most fields are on its types and not on the interface.
  const way = isInterfaceType(type) && depth < 3 && dice.chance(0.5) ? 0 : dice.below(10);
  if (way === 0) {
    const other = dice.chance(0.5) ? relativeOf(draft, type) : type;
    const condition = other !== type || dice.chance(0.5) ? `on ${other.name} ` : '';
    return `... ${condition}${directivesOf(draft)}${selectionOf(draft, other, depth + 0.5)} `;
  }
  if (way <= 2) {
    const known = draft.fragments.filter((fragment) => relativesOf(draft, type).includes(fragment.type));
    if (known.length > 0) {
      return `...${dice.pick(known).name} ${directivesOf(draft)}`;
    }
  }
  if (draft.left <= 0 || dice.chance(0.1)) return `${dice.chance(0.3) ? `t${dice.below(3)}: ` : ''}__typename`;
  // Introspection is possible at the root only, and rare here because it returns much.
  const isIntrospected = depth === 0 && type.name === 'Query' && dice.chance(0.04);
  const fields = isIntrospected ? [SchemaMetaFieldDef, TypeMetaFieldDef] : Object.values(type.getFields());
  const leaves = fields.filter((field) => !isComposite(getNamedType(field.type)));
  const isDeep = depth > 3 && leaves.length > 0;
  return fieldOf(draft, type, dice.pick(isDeep ? leaves : fields), depth, directivesOf(draft));
}

/** All types that an object of this type can be queried as, including itself. */
function relativesOf({ schema }: Draft, type: Composite): readonly Composite[] {
  return isInterfaceType(type) ? [type, ...schema.getPossibleTypes(type)] : [type, ...type.getInterfaces()];
}

function relativeOf(draft: Draft, type: Composite): Composite {
  return draft.dice.pick(relativesOf(draft, type));
}

function directivesOf({ variables, dice }: Draft): string {
  const written = ['include', 'skip'].filter(() => dice.chance(0.12));
  if (dice.chance(0.5)) written.reverse();
  return written.map((name) => `@${name}(if: ${conditionOf(variables, dice)}) `).join('');
}

function fieldOf(
  draft: Draft,
  type: Composite,
  field: GraphQLField<unknown, unknown>,
  depth: number,
  directives: string,
): string {
  const { dice, variables, keys } = draft;
  draft.left -= 1;
  const given = field.args.flatMap(({ name, type: of, defaultValue }) => {
    const isNeeded = isNonNullType(of) && defaultValue === undefined;
    if (!isNeeded && !dice.chance(0.35)) return [];
    return [`${name}: ${inputOf(of, variables, dice, { hasDefault: defaultValue !== undefined })}`];
  });
  const call = `${field.name}${given.length === 0 ? '' : `(${given.join(', ')})`}`;
  // A key stands for the same call everywhere in a type, so that all its uses can be merged.
  const wanted = dice.chance(0.3) ? dice.pick(['a', 'b', 'data', '__proto__', 'constructor', 'toJSON']) : field.name;
  // An interface field may return any of its types, so these share their keys.
  const family = (isObjectType(type) && type.getInterfaces()[0]?.name) || type.name;
  const shown = `${call} ${field.type}`;
  let key = wanted;
  if ((keys.get(`${family} ${wanted}`) ?? shown) !== shown) key = `k${keys.size}`;
  keys.set(`${family} ${key}`, shown);
  const of = getNamedType(field.type);
  const selection = isComposite(of) ? ` ${selectionOf(draft, of, depth + 1)}` : '';
  return `${key === field.name ? '' : `${key}: `}${call} ${directives}${selection}`;
}
