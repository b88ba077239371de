import { describe, expect, it } from '@jest/globals';
import { parse, validate } from 'graphql';
import { exampleOperations } from '../../../src/faces/graphql/example-operations.ts';
import { schema } from '../../../src/schema/schema.ts';

describe('the operations that GraphiQL begins with', () => {
  it.each(exampleOperations.map((text) => ({ name: /(?:query|mutation|subscription) (\w+)/.exec(text)?.[1], text })))(
    '$name is valid',
    ({ text }) => {
      expect(validate(schema, parse(text))).toEqual([]);
    },
  );
});
