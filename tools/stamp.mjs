// Records in `dist` which sources it was built from, so that `npm start` builds only if they have changed.
//   node tools/stamp.mjs begin   before a build: records the current sources
//   node tools/stamp.mjs end     after it: marks the build as complete
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', '.sources');
const draft = `${stamp}.new`;
/** The inputs of a build. */
const inputs = [
  'src',
  'packages/client/src',
  'packages/client/tsconfig.json',
  'packages/client/package.json',
  'packages/inbox/src',
  'packages/inbox/bundle.mjs',
  'packages/inbox/minify-templates.mjs',
  'packages/inbox/sizes.mjs',
  'packages/pages',
  'prisma/schema.prisma',
  'prisma/generate.mjs',
  'tools/pack-graphiql.mjs',
  'tools/bundle-elements.mjs',
  'tools/bundle-pages.mjs',
  'prisma.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
];
/** A folder within the inputs that the build writes. */
const generated = 'src/generated';

/** Whether `dist` is a complete build of the current sources. An installed package has no sources: `dist` suffices. */
export function isCurrent() {
  if (!existsSync(join(root, 'dist', 'main.js'))) return false;
  if (!existsSync(join(root, 'src'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprintOf(inputs);
}

/** A hash of what files and folders contain, because the times of files change in a checkout or a copy. */
export function fingerprintOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesOf).sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The file, or all files of the folder except generated ones. */
function filesOf(path) {
  if (path === generated || !existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesOf(`${path}/${name}`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'end') renameSync(draft, stamp);
  else {
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(draft, fingerprintOf(inputs));
  }
}
