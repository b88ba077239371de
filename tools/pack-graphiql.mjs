// Writes dist/graphiql.gz: what the page of GraphiQL loads, as compressed JSON. Its package has 18 MB, as it holds
// everything twice, and is installed for builds only. Part of `npm run generate`, as the tests read the file as well.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = new URL('../dist/', import.meta.url);
const packed = new URL('graphiql.gz', folder);
const source = import.meta.resolve('@graphql-yoga/render-graphiql/graphiql');
const { version } = JSON.parse(await readFile(new URL('../package.json', source), 'utf8'));
const versionFile = new URL('.graphiql', folder);

if (!existsSync(packed) || !existsSync(versionFile) || (await readFile(versionFile, 'utf8')) !== version) {
  const { js, css, editorWorkerService, jsonWorker, graphqlWorker } = await import(source);
  await mkdir(folder, { recursive: true });
  // Renamed, so that a test that runs meanwhile reads a whole file.
  const draft = new URL(`graphiql.gz.${process.pid}`, folder);
  await writeFile(draft, gzipSync(JSON.stringify({ js, css, editorWorkerService, jsonWorker, graphqlWorker })));
  await rename(fileURLToPath(draft), fileURLToPath(packed));
  await writeFile(versionFile, version);
}
