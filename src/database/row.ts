/** The type that a value of a Prisma model has in the rows of hand-written statements; see `Queryable`. */
type Decoded<Value> = Value extends bigint
  ? number
  : Value extends Date
    ? string
    : Value extends (infer Item)[]
      ? readonly Item[]
      : Value;

/** A row of a Prisma model as hand-written statements return it: the same fields, with other types of some values. */
export type Row<Model> = { readonly [Field in keyof Model]: Decoded<Model[Field]> };

/** Checks at compile time that a list contains every column of a row and no others. */
export function columnsOf<Columns>() {
  return <const List extends readonly (keyof Columns)[]>(
    list: Exclude<keyof Columns, List[number]> extends never ? List : never,
  ): List => list;
}
