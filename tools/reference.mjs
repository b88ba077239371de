// `npm run docs:reference` writes docs/reference/ from schema.graphql, openapi.json and .env.example, and the rights
// in docs/tokens.md from src/auth/rights.ts; with `--check` it only fails where a page differs.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configurationPage } from './reference/configuration.mjs';
import { graphqlPage } from './reference/graphql.mjs';
import { restPage } from './reference/rest.mjs';
import { withRights } from './reference/rights.mjs';

const fileOf = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name) => readFileSync(fileOf(name), 'utf8');

const pages = {
  'docs/reference/graphql.md': graphqlPage(read('schema.graphql')),
  'docs/reference/rest.md': restPage(JSON.parse(read('openapi.json'))),
  'docs/reference/configuration.md': configurationPage(read('.env.example')),
  'docs/tokens.md': withRights(read('docs/tokens.md')),
};

for (const [name, text] of Object.entries(pages)) {
  if (!process.argv.includes('--check')) writeFileSync(fileOf(name), text);
  else if (text !== read(name)) {
    console.error(`${name} is not what its source gives: run \`npm run docs:reference\`.`);
    process.exitCode = 1;
  }
}
