// Installs the packages that `npm pack` makes of this repository in empty folders, and runs them: the service from its
// package, the service from a built tree with `npm ci --omit=dev`, and the client in a strictly typed page. It needs
// the registry, so it is a step of CI and not a test.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Maximum size on disk, in megabytes, of the dependencies that are installed to run the service. */
const mostMegabytes = 250;
/** What a page may import from the client, and its maximum size in bytes, bundled, minified and compressed. */
const clientParts = {
  createInbox: { code: "export { createInbox } from '@tidings/client';", most: 9_500 },
  sharedCounts: { code: "export { sharedCounts } from '@tidings/client/shared';", most: 4_700 },
};
const startMs = 120_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const token = 'token-of-the-package-check';
const run = promisify(execFile);
const npm = (cwd, ...args) => run('npm', [...args, '--prefer-offline', '--no-audit', '--no-fund'], { cwd });

/** Pages that use `@tidings/inbox`. A line after `@ts-expect-error` must not compile. */
const elementPages = {
  'elements.ts': `
    import { configure } from '@tidings/inbox';
    configure({ url: 'https://tidings.example.com/graphql/system', token: async () => 'token' });
    const bell = document.createElement('tidings-bell');
    bell.theme = 'dark';
    bell.addEventListener('tidings-counts', ({ detail }) => { document.title = String(detail.unread + detail.unseen); });
    // @ts-expect-error There is no such theme.
    bell.theme = 'blue';
    document.body.append(bell, document.createElement('tidings-inbox'), document.createElement('tidings-preferences'));`,
  'react.tsx': `
    import { useRef } from 'react';
    import type { TidingsBell as Bell } from '@tidings/inbox/bell';
    import { TidingsBell, TidingsInbox, TidingsPreferences } from '@tidings/inbox/react';
    export function Page() {
      const bell = useRef<Bell>(null);
      return (
        <main>
          <TidingsBell ref={bell} className="bell" token={async () => 'token'} onCounts={({ detail }) => console.log(detail.unread)} />
          <TidingsInbox token="token" theme="auto" onAction={(event) => event.preventDefault()}><p slot="empty">Nothing</p></TidingsInbox>
          <TidingsPreferences locale="de" />
          <tidings-bell theme="dark" />
          {/* @ts-expect-error There is no such theme. */}
          <TidingsBell theme="blue" />
          {/* @ts-expect-error It is an accessor without a setter. */}
          <TidingsBell open />
        </main>
      );
    }`,
  'vue.ts': `
    import { h, useTemplateRef } from 'vue';
    import { TidingsBell, TidingsInbox, TidingsPreferences } from '@tidings/inbox/vue';
    const bell = useTemplateRef<InstanceType<typeof TidingsBell>>('bell');
    export const page = () => [
      h(TidingsBell, { ref: 'bell', token: async () => 'token', onTidingsCounts: ({ detail }) => console.log(detail.unread) }),
      h(TidingsInbox, { token: 'token', theme: 'auto', onTidingsAction: (event) => event.preventDefault() }),
      h(TidingsPreferences, { locale: 'de' }),
      bell.value?.$el.theme,
      // @ts-expect-error There is no such theme.
      h(TidingsBell, { theme: 'blue' }),
    ];`,
};

const scratch = await mkdtemp(join(tmpdir(), 'tidings-package-'));
try {
  const packed = await pack();
  await checkPackage(packed('tidings-'));
  await checkBuiltTree();
  await checkClient(packed('tidings-client-'));
  await checkInbox(packed('tidings-client-'), packed('tidings-inbox-'));
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Packs the packages. Returns a function that finds the tarball whose name is `start` and a version. */
async function pack() {
  await npm(root, 'pack', '--pack-destination', scratch);
  await npm(root, 'pack', '--workspace', 'packages/client', '--pack-destination', scratch);
  await npm(join(root, 'packages/inbox'), 'pack', '--pack-destination', scratch);
  const files = await readdir(scratch);
  return (start) =>
    join(
      scratch,
      files.find((file) => file.startsWith(start) && /^\d/.test(file.slice(start.length))),
    );
}

async function checkPackage(tarball) {
  // The name has a space, and the folder is outside the repository, so only packages of the registry are found.
  const folder = await emptyFolder('a package');
  await npm(folder, 'install', tarball);
  await checkSize('the installed package', folder);
  const { bin = {}, devDependencies } = await json('package.json');
  const { packages } = await json('package-lock.json');
  const installed = await readdir(join(folder, 'node_modules'));
  const unneeded = Object.keys(devDependencies).filter(
    (name) => packages[`node_modules/${name}`].dev && installed.includes(name),
  );
  if (unneeded.length > 0) throw new Error(`The package installs ${unneeded.join(', ')}.`);
  for (const name of Object.keys(bin)) await run(join(folder, 'node_modules/.bin', name), ['--help'], { cwd: folder });
  await checkService('the installed package', folder, ['node_modules/.bin/tidings', 'serve']);
}

async function checkBuiltTree() {
  const folder = await emptyFolder('a built tree');
  for (const path of ['dist', 'prisma/migrations', 'package.json', 'package-lock.json']) {
    await cp(join(root, path), join(folder, path), { recursive: true });
  }
  await npm(folder, 'ci', '--omit=dev');
  await checkSize('npm ci --omit=dev', folder);
  await checkService('npm ci --omit=dev', folder, ['dist/main.js']);
}

async function json(file) {
  return JSON.parse(await readFile(join(root, file), 'utf8'));
}

async function emptyFolder(name) {
  const folder = join(scratch, name);
  await mkdir(folder);
  return folder;
}

async function checkSize(what, folder) {
  const bytes = await sizeOf(join(folder, 'node_modules'));
  const megabytes = Math.round(bytes / 2 ** 20);
  if (megabytes > mostMegabytes)
    throw new Error(`${what} takes ${megabytes} MB; at most ${mostMegabytes} are allowed.`);
  process.stdout.write(`${what}: ${megabytes} MB\n`);
}

/** The bytes that a folder occupies on disk. */
async function sizeOf(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? sizeOf(path) : (await lstat(path)).blocks * 512;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Starts the service with its own PostgreSQL, asks it for a user and for a web component, and stops it. */
async function checkService(what, folder, command) {
  await writeFile(join(folder, '.env'), `PORT=0\nDRAIN_MS=0\nADMIN_TOKEN=${token}\n`);
  const child = spawn(process.execPath, command, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], timeout: startMs });
  const exited = once(child, 'exit');
  let output = '';
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        // Printed at the end of a start, when the admin's token is stored.
        const found = /^Tidings answers at (\S+)/m.exec(output);
        if (found) resolve(found[1]);
      });
    }
    exited.then(([code]) => reject(new Error(`${what} ended with ${code}:\n${output}`)), reject);
  });
  const response = await fetch(`${url}/graphql/system`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ users_me { id } inbox { total_count } }' }),
  });
  const reply = await response.json();
  const elements = await fetch(`${url}/elements/bell.js`);
  child.kill('SIGTERM');
  const [code] = await exited;
  if (reply.data?.inbox?.total_count !== 0) throw new Error(`${what} answered ${JSON.stringify(reply)}`);
  if (!elements.ok) throw new Error(`${what} answered ${elements.status} instead of the bell.`);
  if (code !== 0) throw new Error(`${what} ended with ${code}:\n${output}`);
  process.stdout.write(`${what}: started, answered and stopped\n`);
}

/** Compiles a page that uses the client, with the strictest types of a browser, and measures the client. */
async function checkClient(tarball) {
  const folder = await emptyFolder('a page');
  await npm(folder, 'install', tarball);
  await writeFile(
    join(folder, 'page.ts'),
    `import { createInbox, type InboxItem, type InboxView, type LiveInbox } from '@tidings/client';
     const inbox: LiveInbox = createInbox({ url: '/graphql/system', token: async () => 'token', transport: 'sse' });
     inbox.subscribe(({ items, unread }: InboxView) => {
       const first: InboxItem | undefined = items[0];
       document.title = \`\${unread} \${first?.subject ?? ''}\`;
     });`,
  );
  await compile(folder, 'page.ts');

  for (const [what, { code, most }] of Object.entries(clientParts)) {
    const { outputFiles } = await build({
      stdin: { contents: code, resolveDir: folder },
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    const { length } = gzipSync(outputFiles[0].contents, { level: 9 });
    if (length > most) throw new Error(`${what} has ${length} bytes; at most ${most} are allowed.`);
    process.stdout.write(`${what}: ${length} bytes with its dependencies\n`);
  }
  process.stdout.write('@tidings/client: compiles in a strict page\n');
}

/** Compiles pages that use the elements with React, with Vue and with neither. */
async function checkInbox(...tarballs) {
  const folder = await emptyFolder('a page with elements');
  const { devDependencies } = await json('package.json');
  const frameworks = ['react', '@types/react', 'vue'].map((name) => `${name}@${devDependencies[name]}`);
  await npm(folder, 'install', ...tarballs, ...frameworks);
  for (const [name, text] of Object.entries(elementPages)) {
    await writeFile(join(folder, name), text);
    await compile(folder, name);
  }
  process.stdout.write('@tidings/inbox: compiles in strict pages, with React, with Vue and with neither\n');
}

/** @throws Error when a file does not compile with the strictest options, and with the types of a browser only */
async function compile(folder, file) {
  const compiler = join(root, 'node_modules/typescript-cli/bin/tsc');
  const options = [
    '--strict',
    '--noUncheckedIndexedAccess',
    '--exactOptionalPropertyTypes',
    '--noEmit',
    '--jsx',
    'react-jsx',
  ];
  const platform = ['--module', 'esnext', '--moduleResolution', 'bundler', '--target', 'es2023', '--lib', 'es2023,dom'];
  await run(process.execPath, [compiler, ...options, ...platform, file], { cwd: folder }).catch(({ stdout }) => {
    throw new Error(`${file} does not compile:\n${stdout}`);
  });
}
