/** A row as GraphQL returns it or as REST sends it. */
export type Row = Record<string, unknown>;

/** One key of a row, in GraphQL and in REST. */
export interface Column {
  /** The key in the GraphQL result. */
  readonly alias: string;
  /** The key in REST; it differs from `alias` only if it is not a valid GraphQL name. */
  readonly key: string;
  readonly shape: Shape;
}

export type Shape =
  | { readonly kind: 'plain' }
  /** Text in GraphQL, a number in REST. */
  | { readonly kind: 'number' }
  /** `{ year: 2026 }` in GraphQL, `2026` in REST. */
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'relation'; readonly columns: readonly Column[] };

/** Converts a row from GraphQL to REST. */
export type Renderer = (row: Row) => Row;

/**
 * Returns a renderer for rows with these columns. It modifies the given row: a result belongs to one request, and most
 * rows need only the type of one key converted.
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
      // The selection has exactly this sub-field.
      return (value) => (value as Row)[shape.name] ?? null;
    case 'relation': {
      const render = createRenderer(shape.columns);
      // Relations are objects here; the caller skips null.
      return (value) => render(value as Row);
    }
  }
}
