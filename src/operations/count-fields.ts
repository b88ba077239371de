import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';

/**
 * Counts the fields of a document with every fragment spread expanded. The number can double with each fragment that
 * spreads another twice, so the count of each fragment is computed once and reused. The document must be valid.
 */
export function countSelectedFields(document: DocumentNode): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const counted = new Map<string, number>();
  const spread = (name: string): number => {
    const cached = counted.get(name) ?? count(fragments.get(name));
    counted.set(name, cached);
    return cached;
  };
  const count = (selections: SelectionSetNode | undefined): number =>
    (selections?.selections ?? []).reduce((sum, selection) => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return sum + spread(selection.name.value);
      return sum + count(selection.selectionSet) + (selection.kind === Kind.FIELD ? 1 : 0);
    }, 0);
  return document.definitions.reduce(
    (sum, definition) => sum + (definition.kind === Kind.OPERATION_DEFINITION ? count(definition.selectionSet) : 0),
    0,
  );
}
