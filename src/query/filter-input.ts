/** A value that an operator compares with. */
export type Scalar = string | number | boolean;

/**
 * Conditions in the form of the schema's filter inputs, which have validated them. A field's value is an object of
 * operators; that of a relation contains the conditions on the related row; `_and` and `_or` take lists of conditions;
 * `…_func` takes the date functions of a field with their operators. A variable can make any part null.
 */
export interface Filter {
  readonly [key: string]: FilterValue | undefined;
}

export type FilterValue = Scalar | null | Filter | readonly (Scalar | null | Filter)[];
