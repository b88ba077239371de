/** A row of an answer, as GraphQL gave it or as REST shows it. */
export type Row = Record<string, unknown>;

/** One key of a row: where GraphQL answers it and how REST shows it. */
export interface Column {
  /** The key in the GraphQL answer. */
  readonly alias: string;
  /** The key in REST; another one only where GraphQL could not spell it. */
  readonly key: string;
  readonly shape: Shape;
}

export type Shape =
  | { readonly kind: 'plain' }
  /** Text in GraphQL, a number in REST. */
  | { readonly kind: 'number' }
  /** GraphQL answers `{ year: 2026 }`, REST shows `2026`. */
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'relation'; readonly columns: readonly Column[] };

/** Turns a row that GraphQL answered into the one REST shows. */
export type Renderer = (row: Row) => Row;

/**
 * Prepares the rendering of rows with these columns. The renderer changes the row it is given: an answer belongs to
 * the one request that asked for it, and most rows differ from REST's by nothing but the type of one key.
 */
export function createRenderer(columns: readonly Column[]): Renderer {
  const steps = columns.flatMap(({ alias, shape }) => {
    const convert = converterOf(shape);
    return convert ? [{ alias, convert }] : [];
  });
  const isRenamed = columns.some(({ alias, key }) => alias !== key);
  return (row) => {
    for (const { alias, convert } of steps) {
      const value = row[alias];
      if (value !== null && value !== undefined) row[alias] = convert(value);
    }
    return isRenamed ? Object.fromEntries(columns.map(({ alias, key }) => [key, row[alias]])) : row;
  };
}

function converterOf(shape: Shape): ((value: unknown) => unknown) | undefined {
  switch (shape.kind) {
    case 'plain':
      return undefined;
    case 'number':
      return Number;
    case 'function':
      // The selection asks for exactly this sub-field.
      return (value) => (value as Row)[shape.name] ?? null;
    case 'relation': {
      const render = createRenderer(shape.columns);
      // A relation answers an object; null was left out before.
      return (value) => render(value as Row);
    }
  }
}
