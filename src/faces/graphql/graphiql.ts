import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Asset, createAsset } from '../shared/assets.ts';
import { mark } from '../shared/mark.ts';
import { exampleOperations } from './example-operations.ts';

/** GraphiQL for browsers: a small page and its assets, all served by this host. */
export interface GraphiQL {
  /** @param folder the path of the assets, relative to the page. */
  readonly page: (folder: string) => string;
  /** Assets by file name. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** Headers of the page: it loads nothing from other hosts and cannot be framed. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    // The editor writes its own styles into the page.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self' data:",
    "worker-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-frame-options': 'DENY',
  // The URL of the page may contain a token.
  'referrer-policy': 'no-referrer',
} as const;

const script = 'text/javascript; charset=utf-8';

let loaded: Promise<GraphiQL> | undefined;

/** Loads GraphiQL on first use, because its assets are nine megabytes. */
export function loadGraphiQL(): Promise<GraphiQL> {
  loaded ??= load();
  return loaded;
}

/** Written by `npm run generate`. The path is the same from `src` and from `dist`. */
const packed = new URL('../../../dist/graphiql.gz', import.meta.url);

/** What the package of GraphiQL exports. */
type Sources = Readonly<Record<'js' | 'css' | 'editorWorkerService' | 'jsonWorker' | 'graphqlWorker', string>>;

async function load(): Promise<GraphiQL> {
  const json = await promisify(gunzip)(await readFile(packed));
  // The file is written by the build, with exactly these fields.
  const { js, css, editorWorkerService, jsonWorker, graphqlWorker } = JSON.parse(json.toString()) as Sources;
  const assets = new Map<string, Asset>();
  function add(name: string, extension: string, contentType: string, content: string | Buffer): string {
    const asset = createAsset(contentType, content);
    const file = `${name}-${asset.hash}.${extension}`;
    assets.set(file, asset);
    return file;
  }
  const icon = add('icon', 'svg', 'image/svg+xml', mark);
  const styles = add('graphiql', 'css', 'text/css; charset=utf-8', `${css}\n${ownColours}`);
  const workers = {
    editorWorkerService: add('editor-worker', 'js', script, editorWorkerService),
    json: add('json-worker', 'js', script, jsonWorker),
    graphql: add('graphql-worker', 'js', script, graphqlWorker),
  };
  const start = add('start', 'js', script, startScript(workers));
  const main = add('graphiql', 'js', script, js);
  return { assets, page: (folder) => pageOf({ icon, styles, scripts: [start, main] }, folder) };
}

/** The blue of the other pages, as hue, saturation and lightness; lighter in dark colours, which have rules of their own. */
const ownColours = `.graphiql-container{--color-primary:228,69%,55%}
@media (prefers-color-scheme:dark){body:not(.graphiql-light) .graphiql-container{--color-primary:228,80%,68%}}
body.graphiql-dark .graphiql-container{--color-primary:228,80%,68%}`;
const appearance = { title: 'Tidings', logo: mark };
const tabs = exampleOperations.map((query) => ({ query }));

/** Configures the URLs of the editor's workers, then starts GraphiQL when the page has loaded. */
const startScript = (workers: Readonly<Record<string, string>>) => `
const folder = document.currentScript.src;
const workers = ${JSON.stringify(workers)};
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_module, label) => new URL(workers[label], folder).href };
addEventListener('DOMContentLoaded', () => {
  // The token is in the headers tab, which only requests can send: a browser's socket has no headers.
  const options = { ...${JSON.stringify(appearance)}, subscriptionsProtocol: 'SSE', method: 'POST' };
  // If the address contains an operation, the examples are not shown.
  if (!new URL(location.href).searchParams.has('query')) options.defaultTabs = ${JSON.stringify(tabs)};
  YogaGraphiQL.renderYogaGraphiQL(document.querySelector('#root'), options);
});
`;

interface PageParts {
  readonly icon: string;
  readonly styles: string;
  readonly scripts: readonly string[];
}

const pageOf = ({ icon, styles, scripts }: PageParts, folder: string) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>GraphiQL · Tidings</title>
    <link rel="icon" href="${folder}/${icon}">
    <link rel="stylesheet" href="${folder}/${styles}">
  </head>
  <body class="no-focus-outline">
    <noscript>GraphiQL needs JavaScript.</noscript>
    <div id="root"></div>
${scripts.map((file) => `    <script src="${folder}/${file}"></script>\n`).join('')}  </body>
</html>
`;
