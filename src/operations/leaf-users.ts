import { type DocumentNode, type GraphQLSchema, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

/** The relations of a notification and the fields that return their keys. */
const keyFields: ReadonlyMap<string, string> = new Map([
  ['recipient', 'recipient_key'],
  ['sender', 'sender_key'],
]);

/**
 * Makes `{ notifications { id recipient } }` return the user's id, as in the examples of Directus: a `recipient` or
 * `sender` without a selection is replaced by its key under the same response key.
 */
export function rewriteLeafUsers(document: DocumentNode, schema: GraphQLSchema): DocumentNode {
  const types = new TypeInfo(schema);
  return visit(
    document,
    visitWithTypeInfo(types, {
      [Kind.FIELD](node) {
        const keyField = keyFields.get(node.name.value);
        if (keyField === undefined || node.selectionSet || node.arguments?.length) return undefined;
        if (types.getParentType()?.name !== 'directus_notifications') return undefined;
        return {
          ...node,
          alias: node.alias ?? { kind: Kind.NAME, value: node.name.value },
          name: { ...node.name, value: keyField },
        };
      },
    }),
  );
}
