import { type DocumentNode, type GraphQLSchema, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql';

/** The relations of a notification, with the field that gives the key alone. */
const keyFields: ReadonlyMap<string, string> = new Map([
  ['recipient', 'recipient_key'],
  ['sender', 'sender_key'],
]);

/**
 * Lets `{ notifications { id recipient } }` answer the user's id, as the reference's own examples are written:
 * a `recipient` or `sender` of a notification without a selection becomes its key under the same response key.
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
