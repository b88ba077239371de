import {
  type ASTNode,
  BREAK,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';

/** The fields of one object, each fragment opened once as it is when it runs. */
export function opened(fragments: ReadonlyMap<string, FragmentDefinitionNode>, set: SelectionSetNode): FieldNode[] {
  const found: FieldNode[] = [];
  const names = new Set<string>();
  const open = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) found.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) open(selection.selectionSet);
      else if (!names.has(selection.name.value)) {
        names.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) open(fragment.selectionSet);
      }
    }
  };
  open(set);
  return found;
}

/** Whether a variable stands anywhere in it. */
export function holdsVariable(node: ASTNode): boolean {
  let isFound = false;
  visit(node, {
    [Kind.VARIABLE]: () => {
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}
