import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import type { Delivery } from '../deliveries/model.ts';
import type ModelTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type { PrismaClient } from '../generated/prisma/client.ts';
import type { Notification } from '../notifications/model.ts';
import type { GraphQLContext } from './context.ts';
import type { DirectusField } from './directus-extension.ts';

/** Extensions of schema elements, read by the REST faces and the column selection; callers never see them. */
export interface FieldExtensions {
  /** The field on the Directus face. */
  readonly directus?: DirectusField;
  /** The columns of the type's table that the field is computed from. */
  readonly columns?: readonly string[];
  /** The field equals its column, so it needs no resolver. */
  readonly plain?: true;
  /** Why a mutation takes no idempotency key, without a full stop; undefined: it takes one. */
  readonly takesNoKey?: string;
}

type WithRow<Model, Shape> = Omit<Model, 'Shape'> & { readonly Shape: Shape };

/** Prisma's models. Our own SQL reads notifications and deliveries, so their rows have the shape that it returns. */
interface PrismaTypes extends Omit<ModelTypes, 'Notification' | 'Delivery'> {
  readonly Notification: WithRow<ModelTypes['Notification'], Notification>;
  readonly Delivery: WithRow<ModelTypes['Delivery'], Delivery>;
}

interface SchemaTypes {
  DefaultFieldNullability: false;
  DefaultEdgesNullability: false;
  DefaultNodeNullability: false;
  Context: GraphQLContext;
  PrismaTypes: PrismaTypes;
  Scalars: {
    ID: { Input: string; Output: string | number };
    Date: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
    Hash: { Input: string; Output: string };
    GraphQLBigInt: { Input: number; Output: number };
    GraphQLStringOrFloat: { Input: string | number; Output: string | number };
    directus_users_key: { Input: string; Output: string };
  };
}

/** The builder's type parameters with Pothos' defaults, for helpers that take a field builder. */
export type BuilderTypes = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/** The schema builder. Types register when their file is imported; `schema.ts` imports them all. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [PrismaPlugin, RelayPlugin],
  // Fields are non-null unless they say otherwise.
  defaultFieldNullability: false,
  relay: {
    idFieldName: 'node_id',
    idFieldOptions: { description: 'Identifies the object among those of all types. Opaque.' },
    cursorType: 'String',
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
    nodeTypeOptions: { description: 'An object that can be read again by its `node_id`.' },
    firstArgOptions: {
      description: 'Maximum number of rows from the beginning or after `after`. Default without `last`: 100.',
    },
    afterArgOptions: { description: 'The cursor of the row after which the page begins.' },
    lastArgOptions: { description: 'Maximum number of rows from the end or before `before`.' },
    beforeArgOptions: { description: 'The cursor of the row before which the page ends.' },
    cursorFieldOptions: { description: 'The position in the list; it stays valid when the row is deleted.' },
    hasNextPageFieldOptions: { description: 'Whether more rows follow; with `last`, whether `before` was given.' },
    hasPreviousPageFieldOptions: {
      description: 'Whether there are rows before the page; with `first`, whether `after` was given.',
    },
    startCursorFieldOptions: { description: 'The cursor of the first row.' },
    endCursorFieldOptions: { description: 'The cursor of the last row.' },
    pageInfoTypeOptions: { description: 'The position of a page in its list.' },
    // `nodes.ts` defines `node` and `nodes`, with arguments named like the fields, as Relay requires.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
  // Pothos requires the type of the whole client, but uses only its models.
  prisma: { client: (context) => context.prisma as unknown as PrismaClient, dmmf: getDatamodel() },
});

builder.queryType();
builder.mutationType();
builder.subscriptionType();
