/** A name of Prisma's in the spelling of columns and of the wire. */
export type SnakeCase<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${SnakeCase<Rest>}`
  : '';

/** A value of Prisma's as statements decode it: see `Queryable`. */
type Decoded<Value> = Value extends bigint
  ? number
  : Value extends Date
    ? string
    : Value extends (infer Item)[]
      ? readonly Item[]
      : Value;

/** The row of one of Prisma's models as hand-written statements give it, under the names of its columns. */
export type Row<Model> = {
  readonly [Property in keyof Model & string as SnakeCase<Property>]: Decoded<Model[Property]>;
};

/** A list of all columns of a row, each once: one that is missing, or that the model has not, does not compile. */
export function columnsOf<Columns>() {
  return <const List extends readonly (keyof Columns)[]>(
    list: Exclude<keyof Columns, List[number]> extends never ? List : never,
  ): List => list;
}
