import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql';

/**
 * How many fields a document selects when each spread of a fragment is counted anew. Fragments that spread others
 * twice double it with every step. Counted without opening a fragment twice; the document must be valid.
 */
export function expanseOf(document: DocumentNode): number {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition.selectionSet);
  }
  const counted = new Map<string, number>();
  const spread = (name: string): number => {
    const known = counted.get(name) ?? count(fragments.get(name));
    counted.set(name, known);
    return known;
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
