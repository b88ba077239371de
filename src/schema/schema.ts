import { type GraphQLSchema, isObjectType, lexicographicSortSchema, printSchema } from 'graphql';
import { builder, type FieldExtensions } from './builder.ts';
import './scalars.ts';
import './notifications.ts';
import './notification-states.ts';
import './aggregates.ts';
import './notification-mutations.ts';
import './users.ts';
import './viewer.ts';
import './authentication.ts';
import './access-tokens.ts';
import './sessions.ts';
import './issuers.ts';
import './signed-tokens.ts';
import './user-details.ts';
import './user-mutations.ts';
import './user-upserts.ts';
import './user-data.ts';
import './audit.ts';
import './deliveries.ts';
import './dispatch-methods.ts';
import './inbox.ts';
import './inbox-actions.ts';
import './preferences.ts';
import './decisions.ts';
import './unsubscriptions.ts';
import './settings.ts';
import './templates.ts';
import './categories.ts';
import './choices.ts';
import './subscriptions.ts';
import './nodes.ts';
import './connections.ts';

/** The schema behind every face. */
export const schema: GraphQLSchema = readPlainFieldsDirectly(builder.toSchema({ sortSchema: false }));

/**
 * A field that equals its column needs no resolver: without one, the executor reads the property instead of calling a
 * function for every row.
 */
function readPlainFieldsDirectly(built: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(built.getTypeMap())) {
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const { plain, columns }: FieldExtensions = field.extensions;
      if (plain && columns?.[0] === field.name) delete field.resolve;
    }
  }
  return built;
}

/** The published schema: sorted SDL with a final line break. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
