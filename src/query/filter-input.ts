/** A value that an operator compares with. */
export type Scalar = string | number | boolean;

/**
 * Conditions in the shape of the schema's filter inputs, which have checked them: a field has an object of operators, a
 * relation the conditions on the related row, `_and` and `_or` a list of conditions, `…_func` the date functions of a
 * field with their operators. Null takes the place of whatever a variable set to null.
 */
export interface Filter {
  readonly [key: string]: FilterValue | undefined;
}

export type FilterValue = Scalar | null | Filter | readonly (Scalar | null | Filter)[];
