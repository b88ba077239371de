import { writePrinted } from '../printed-file.ts';
import { printedSchema } from './schema.ts';

// `npm run schema` writes schema.graphql; with `--check` it only compares the file with the code.
await writePrinted('schema.graphql', 'schema', printedSchema());
