import { brandWithType } from '@pothos/core';
import { decodeGlobalID, encodeGlobalID } from '@pothos/plugin-relay';
import DataLoader from 'dataloader';
import type { GraphQLResolveInfo } from 'graphql';
import { invalidQuery, noToken } from '../errors.ts';
import { builder } from './builder.ts';
import type { GraphQLContext } from './context.ts';
import { type NodeType, nodeTypes } from './node-types.ts';
import { columnsOfPossibleType } from './selection.ts';

/** The object that a `node_id` names. */
interface Named {
  readonly typename: string;
  readonly type: NodeType;
  readonly key: string;
}

/** @throws ServiceError INVALID_QUERY naming the argument, for a text that is not a valid `node_id`. */
function parseNodeId(argument: string, text: string): Named {
  const { typename, id: key } = decoded(text);
  const type = nodeTypes.get(typename);
  if (!type?.isKey(key) || encodeGlobalID(typename, key) !== text) {
    throw invalidQuery(`"${argument}" must be a "node_id" from an earlier response, which "${text}" is not`);
  }
  return { typename, type, key };
}

function decoded(text: string): { readonly typename: string; readonly id: string } {
  try {
    return decodeGlobalID(text);
  } catch {
    return { typename: '', id: '' };
  }
}

type Loader = DataLoader<string, object | null>;
const loaders = new WeakMap<GraphQLContext, Map<string, Loader>>();

/** The loader for one type and set of columns: reads the objects for all fields of a request in one statement. */
function loaderOf(context: GraphQLContext, { typename, type }: Named, columns: readonly string[]): Loader {
  const cached = loaders.get(context) ?? new Map<string, Loader>();
  loaders.set(context, cached);
  const shape = `${typename} ${columns.join()}`;
  const loader =
    cached.get(shape) ??
    new DataLoader<string, object | null>(
      async (keys) => {
        const found = await type.read(context, [...new Set(keys)], columns);
        return keys.map((key) => found.get(key) ?? null);
      },
      { cache: false },
    );
  cached.set(shape, loader);
  return loader;
}

/** Returns null both for an object that does not exist and for one that the caller may not see. */
async function load(context: GraphQLContext, named: Named, info: GraphQLResolveInfo): Promise<object | null> {
  const node = await loaderOf(context, named, columnsOfPossibleType(named.typename, info)).load(named.key);
  // The record itself does not show its GraphQL type.
  if (node) brandWithType(node, named.typename as never);
  return node;
}

function assertSignedIn({ viewer }: GraphQLContext): void {
  if (viewer.kind === 'anonymous') throw noToken();
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'An object by its `node_id`; null if it does not exist or the caller may not see it.',
    args: { node_id: t.arg.id({ required: true, description: 'A `node_id` from an earlier response.' }) },
    resolve: (_root, { node_id }, context, info) => {
      assertSignedIn(context);
      return load(context, parseNodeId('node_id', node_id), info);
    },
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description:
      'Objects by their `node_id`, in the given order, with null where `node` would return null. At most `QUERY_LIMIT_MAX` ids.',
    args: { node_ids: t.arg.idList({ required: true, description: 'Values of `node_id` from earlier responses.' }) },
    resolve: (_root, { node_ids }, context, info) => {
      assertSignedIn(context);
      const { queryMax } = context.limits;
      if (queryMax !== undefined && node_ids.length > queryMax) {
        throw invalidQuery(`"node_ids" may have at most ${queryMax} members`);
      }
      return node_ids.map((id) => parseNodeId('node_ids', id)).map((named) => load(context, named, info));
    },
  }),
}));
