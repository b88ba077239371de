// Refuses a change to a migration that is on main: databases have applied it, and compare its checksum. Refuses also
// what could not be applied, or not be taken up again by the next start when a process was killed meanwhile.
// `node prisma/check-migrations.mjs` compares the migrations with `checksums.txt` and, where the history is there, with
// main. With `--write` it adds new migrations to the list first.
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
// As `sha256sum` writes and reads it.
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
  if (!migrations.includes(name)) faults.push(`${name} is listed in ${listFile}, and gone.`);
  else if (checksumOf(name) !== checksum) faults.push(`${name} is not as ${listFile} lists it: it was edited.`);
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
      `${name} fits into no transaction: take BEGIN, COMMIT and ROLLBACK out; a statement with CONCURRENTLY is a migration of its own that says \`-- outside-transaction\`.`,
    );
  }
  if (isOutside && /\b(create|unique|drop)\s+index\s+concurrently\s+(?!if\s)/i.test(statements)) {
    faults.push(`${name} cannot be repeated: say \`if not exists\`, or \`if exists\`.`);
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
    `Migrations that are on main are never changed; make a new one instead. How they are applied: docs/migrations.md.\n${faults.join('\n')}\n`,
  );
  process.exit(1);
}

/** What this work began from: where it left main or, on main itself, the commit before. */
function findBase() {
  const head = git('rev-parse', 'HEAD');
  const main = ['origin/main', 'main'].find((name) => git('rev-parse', '--verify', '--quiet', name) !== undefined);
  const left = main && git('merge-base', 'HEAD', main);
  return left !== undefined && left !== head ? left : (git('rev-parse', '--verify', '--quiet', 'HEAD^') ?? head);
}

/** What git answers, or undefined when it fails: there may be no history. */
function git(...args) {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}
