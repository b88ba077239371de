// Records in `dist` which sources it was built from, so that `npm start` builds only when they have changed.
//   node tools/stamp.mjs begin   before a build: the sources as they are now
//   node tools/stamp.mjs end     after it: the build is whole
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', '.sources');
const draft = `${stamp}.new`;
/** What a build reads. */
const inputs = [
  'src',
  'packages/client/src',
  'packages/client/tsconfig.json',
  'prisma/schema.prisma',
  'prisma/generate.mjs',
  'tools/pack-graphiql.mjs',
  'prisma.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
];
/** What it writes among them. */
const generated = 'src/generated';

/** Whether `dist` is a whole build of the sources that are there; where there are none, whether it is there. */
export function isCurrent() {
  if (!existsSync(join(root, 'dist', 'main.js'))) return false;
  if (!existsSync(join(root, 'src'))) return true;
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint();
}

/** A hash of contents, because a checkout or a copy gives files times that say nothing about them. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const path of inputs.flatMap(filesOf).sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The file, or the files of the folder, with the place of a generated folder left out. */
function filesOf(path) {
  if (path === generated || !existsSync(join(root, path))) return [];
  if (!statSync(join(root, path)).isDirectory()) return [path];
  return readdirSync(join(root, path)).flatMap((name) => filesOf(`${path}/${name}`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === 'end') renameSync(draft, stamp);
  else {
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(draft, fingerprint());
  }
}
