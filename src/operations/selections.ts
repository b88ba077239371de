import {
  type ASTNode,
  BREAK,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';

/**
 * The fields of one object with fragments expanded; each fragment is expanded once, as in execution.
 * @param applies whether a type condition matches the object; by default all match.
 */
export function expandFragments(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  set: SelectionSetNode,
  applies: (condition: string) => boolean = () => true,
): FieldNode[] {
  const found: FieldNode[] = [];
  const names = new Set<string>();
  const expand = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) found.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const { typeCondition } = selection;
        if (!typeCondition || applies(typeCondition.name.value)) expand(selection.selectionSet);
      } else if (!names.has(selection.name.value)) {
        names.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment && applies(fragment.typeCondition.name.value)) expand(fragment.selectionSet);
      }
    }
  };
  expand(set);
  return found;
}

/** Whether a node contains a variable. */
export function containsVariable(node: ASTNode): boolean {
  let isFound = false;
  visit(node, {
    [Kind.VARIABLE]: () => {
      isFound = true;
      return BREAK;
    },
  });
  return isFound;
}
