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

/** A valid document with what it is run with. */
export interface RandomOperation {
  readonly text: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** A type that has fields. */
type Composite = GraphQLObjectType | GraphQLInterfaceType;

const isComposite = (type: unknown): type is Composite => isObjectType(type) || isInterfaceType(type);

interface Fragment {
  readonly name: string;
  readonly type: Composite;
  readonly text: string;
}

/** What is written so far. */
interface Draft {
  readonly schema: GraphQLSchema;
  readonly dice: Dice;
  readonly variables: Variables;
  readonly fragments: Fragment[];
  /** What stands under a response key of a type, so that fields under one key can be merged. */
  readonly keys: Map<string, string>;
  /** Fields that may still be written. */
  left: number;
}

/** Makes up a valid document of the schema: the same seed makes the same one. */
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
  // Among so many types the root's would be rare.
  if (kind !== 'subscription' && dice.chance(0.3)) writeFragment(draft, root);
  const selection = kind === 'subscription' ? oneField(draft, root) : selectionOf(draft, root, 0);
  const name = dice.chance(0.5) ? 'Asked' : '';
  const opened = new Set<Fragment>();
  open(draft.fragments, selection, opened);
  const body = [selection, ...[...opened].map(({ text }) => text)].join('\n');
  // What only a fragment uses that nobody spreads would be one too many.
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

/** Collects the fragments that a text spreads, and those that they spread. */
function open(fragments: readonly Fragment[], text: string, opened: Set<Fragment>): void {
  for (const fragment of fragments) {
    if (opened.has(fragment) || !text.includes(`...${fragment.name} `)) continue;
    opened.add(fragment);
    open(fragments, fragment.text, opened);
  }
}

function writeFragment(draft: Draft, type: Composite): void {
  const name = `F${draft.fragments.length}`;
  const text = `fragment ${name} on ${type.name} ${selectionOf({ ...draft, left: 6 }, type, 1)}`;
  draft.fragments.push({ name, type, text });
}

/** A subscription has one field at its root, without conditions. */
function oneField(draft: Draft, root: GraphQLObjectType): string {
  return `{ ${fieldOf(draft, root, draft.dice.pick(Object.values(root.getFields())), 0, '')} }`;
}

function selectionOf(draft: Draft, type: Composite, depth: number): string {
  const { dice } = draft;
  const parts = Array.from({ length: 1 + dice.below(5) }, () => partOf(draft, type, depth));
  const found = parts.filter((part) => part !== '');
  // Something always stands there, whatever conditions leave of it.
  return `{ ${found.length === 0 ? '__typename' : found.join(' ')} }`;
}

function partOf(draft: Draft, type: Composite, depth: number): string {
  const { dice } = draft;
  // Below an interface there is little but what its types have.
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
  // What the schema says of itself stands at the root, and answers a lot.
  const isIntrospected = depth === 0 && type.name === 'Query' && dice.chance(0.04);
  const fields = isIntrospected ? [SchemaMetaFieldDef, TypeMetaFieldDef] : Object.values(type.getFields());
  const leaves = fields.filter((field) => !isComposite(getNamedType(field.type)));
  const isDeep = depth > 3 && leaves.length > 0;
  return fieldOf(draft, type, dice.pick(isDeep ? leaves : fields), depth, directivesOf(draft));
}

/** The types that an object of this one can be shown as, itself among them. */
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
  // A key stands for one call of the type wherever it is, so that all of them can be merged.
  const wanted = dice.chance(0.3) ? dice.pick(['a', 'b', 'data', '__proto__', 'constructor', 'toJSON']) : field.name;
  // What an interface shows may be an object of any of its types, so they share their keys.
  const family = (isObjectType(type) && type.getInterfaces()[0]?.name) || type.name;
  const shown = `${call} ${field.type}`;
  let key = wanted;
  if ((keys.get(`${family} ${wanted}`) ?? shown) !== shown) key = `k${keys.size}`;
  keys.set(`${family} ${key}`, shown);
  const of = getNamedType(field.type);
  const selection = isComposite(of) ? ` ${selectionOf(draft, of, depth + 1)}` : '';
  return `${key === field.name ? '' : `${key}: `}${call} ${directives}${selection}`;
}
