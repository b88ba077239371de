import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import type PrismaTypes from '../generated/pothos.ts';
import { getDatamodel } from '../generated/pothos.ts';
import type { GraphQLContext } from './context.ts';
import type { DirectusField } from './directus-extension.ts';

/** The extensions our schema elements carry; `rest/` and the column selection read them, callers never see them. */
export interface FieldExtensions {
  /** What the field is on the Directus face. */
  readonly directus?: DirectusField;
  /** The columns of the type's table the field is made of. */
  readonly columns?: readonly string[];
  /** The field is its column as it is, so no resolver is needed to read it. */
  readonly plain?: true;
}

interface SchemaTypes {
  DefaultFieldNullability: false;
  Context: GraphQLContext;
  PrismaTypes: PrismaTypes;
  Scalars: {
    ID: { Input: string; Output: string | number };
    Date: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
    Hash: { Input: string; Output: string };
    GraphQLStringOrFloat: { Input: string | number; Output: string | number };
    directus_users_key: { Input: string; Output: string };
  };
}

/** The builder's type parameters with Pothos' own defaults, for helpers that take one of its field builders. */
export type BuilderTypes = PothosSchemaTypes.ExtendDefaultTypes<SchemaTypes>;

/** The one schema builder. Types register themselves when their file is imported; `schema.ts` imports them all. */
export const builder = new SchemaBuilder<SchemaTypes>({
  plugins: [PrismaPlugin],
  // A field says when it may be null.
  defaultFieldNullability: false,
  prisma: { client: (context) => context.db.prisma, dmmf: getDatamodel() },
});

builder.queryType();
builder.mutationType();
builder.subscriptionType();
