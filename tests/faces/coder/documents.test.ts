import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { coderRoutes } from '../../../src/faces/coder/routes.ts';
import { watchDocuments } from '../../../src/faces/coder/watch.ts';

const published = buildSchema(readFileSync(new URL('../../../schema.graphql', import.meta.url), 'utf8'));

const documents = [
  ...coderRoutes.map(({ method, path, document }) => [`${method} ${path}`, document]),
  ...Object.entries(watchDocuments).map(([name, document]) => [`watch, ${name}`, document]),
] as const;

describe('the documents of the Coder face', () => {
  it.each(documents)('the document of %s is valid against the published schema', (_route, document = '') => {
    expect(validate(published, parse(document))).toEqual([]);
  });
});
