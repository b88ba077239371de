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
 * The fields of one object, each fragment opened once as it is when it runs.
 * @param applies whether the object is of the type of that name; left out: it is of every one.
 */
export function opened(
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  set: SelectionSetNode,
  applies: (condition: string) => boolean = () => true,
): FieldNode[] {
  const found: FieldNode[] = [];
  const names = new Set<string>();
  const open = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) found.push(selection);
      else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const { typeCondition } = selection;
        if (!typeCondition || applies(typeCondition.name.value)) open(selection.selectionSet);
      } else if (!names.has(selection.name.value)) {
        names.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment && applies(fragment.typeCondition.name.value)) open(fragment.selectionSet);
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
