/** Converts the name of a Prisma property to that of its column, which the APIs use too. */
export type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : '';

/** The type of a Prisma value in the rows of hand-written statements; see `Queryable`. */
type Decoded<Value> = Value extends bigint
  ? number
  : Value extends Date
    ? string
    : Value extends (infer Item)[]
      ? readonly Item[]
      : Value;

/** A row of a Prisma model as hand-written statements return it, with the names of its columns. */
export type Row<Model> = {
  readonly [Property in keyof Model & string as SnakeCase<Property>]: Decoded<Model[Property]>;
};

/** Checks at compile time that a list contains every column of a row and no others. */
export function columnsOf<Columns>() {
  return <const List extends readonly (keyof Columns)[]>(
    list: Exclude<keyof Columns, List[number]> extends never ? List : never,
  ): List => list;
}
