// Refuses changes to migrations that are on main: databases have applied them, and compare their checksums. Also
// refuses migrations that cannot be applied, or cannot be repeated by the next start after a process was killed. `node
// prisma/check-migrations.mjs` compares the migrations with `checksums.txt` and, if the history is available, with
// main. With `--write` it first adds new migrations to the list.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = 'prisma/migrations';
const listFile = join(folder, 'checksums.txt');
const faults = [];

const migrations = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();
const checksumOf = (name) =>
  createHash('sha256')
    .update(readFileSync(join(folder, name, 'migration.sql')))
    .digest('hex');
// In the format of `sha256sum`.
const listed = new Map(
  readFileSync(listFile, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [checksum, file = ''] = line.split('  ');
      return [file.replace(/\/migration\.sql$/, ''), checksum];
    }),
);

if (process.argv.includes('--write')) {
  for (const name of migrations) if (!listed.has(name)) listed.set(name, checksumOf(name));
  writeFileSync(
    listFile,
    [...listed]
      .sort()
      .map(([name, sum]) => `${sum}  ${name}/migration.sql\n`)
      .join(''),
  );
}

for (const [name, checksum] of listed) {
  if (!migrations.includes(name)) faults.push(`${name} is listed in ${listFile} but does not exist.`);
  else if (checksumOf(name) !== checksum) faults.push(`${name} was edited: its checksum differs from ${listFile}.`);
}
for (const name of migrations) {
  if (!listed.has(name)) faults.push(`${name} is not listed: run \`node prisma/check-migrations.mjs --write\`.`);
}

for (const name of migrations) {
  const script = readFileSync(join(folder, name, 'migration.sql'), 'utf8');
  const statements = script.replace(/--.*$/gm, '');
  const isOutside = /^--[ \t]*outside-transaction[ \t]*\r?$/m.test(script);
  if (!isOutside && /\bconcurrently\b|^\s*(commit|rollback)\b|^\s*begin\s*;/im.test(statements)) {
    faults.push(
      `${name} cannot run in a transaction: remove BEGIN, COMMIT and ROLLBACK; put a statement with CONCURRENTLY into a migration of its own with the line \`-- outside-transaction\`.`,
    );
  }
  if (isOutside && /\b(create|unique|drop)\s+index\s+concurrently\s+(?!if\s)/i.test(statements)) {
    faults.push(`${name} cannot be repeated: add \`if not exists\` or \`if exists\`.`);
  }
}

const base = findBase();
if (base !== undefined) {
  const changes = git('diff', '--name-status', '--no-renames', base, '--', `${folder}/*/migration.sql`) ?? '';
  for (const line of changes.split('\n')) {
    const [status, file] = line.split('\t');
    if (file !== undefined && status !== 'A')
      faults.push(`${file} is on main and was ${status === 'D' ? 'removed' : 'changed'}.`);
  }
}

if (faults.length > 0) {
  process.stderr.write(
    `Never change a migration that is on main; create a new one instead. docs/migrations.md explains how they are applied.\n${faults.join('\n')}\n`,
  );
  process.exit(1);
}

/** The commit to compare with: where the branch left main, or on main itself the previous commit. */
function findBase() {
  const head = git('rev-parse', 'HEAD');
  const main = ['origin/main', 'main'].find((name) => git('rev-parse', '--verify', '--quiet', name) !== undefined);
  const fork = main && git('merge-base', 'HEAD', main);
  return fork !== undefined && fork !== head ? fork : (git('rev-parse', '--verify', '--quiet', 'HEAD^') ?? head);
}

/** The output of git, or undefined if it fails, for example because there is no history. */
function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
