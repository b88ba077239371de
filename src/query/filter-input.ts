/** A value that an operator compares with. */
export type Scalar = string | number | boolean;

/**
 * Conditions in the form of the schema's filter inputs, already validated by them: a field has an object of operators,
 * a relation the conditions on the related row, `_and` and `_or` lists of conditions, `…_func` the date functions of a
 * field with their operators. A variable can make any part null.
 */
export interface Filter {
  readonly [key: string]: FilterValue | undefined;
}

export type FilterValue = Scalar | null | Filter | readonly (Scalar | null | Filter)[];
