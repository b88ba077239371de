// `npm run floors` writes Biome's import rules from floors.json; with `--check` it only fails where they differ.
// The argument is a folder that contains both files; the default is this repository.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: 'boolean', default: false } },
});
const root = positionals[0] ?? fileURLToPath(new URL('..', import.meta.url));
const generated = 'biome.floors.json';
const read = (name) => readFileSync(join(root, name), 'utf8');

// One rule per line, so that a diff shows which rules a change of the list affects.
const rules = importRules(JSON.parse(read('floors.json'))).map((rule) => JSON.stringify(rule));
const text = `{ "overrides": [\n${rules.join(',\n')}\n] }\n`;

if (!options.check) writeFileSync(join(root, generated), text);
else if (text !== read(generated)) {
  console.error(`${generated} is out of date: run \`npm run floors\`.`);
  process.exitCode = 1;
}

/**
 * Returns one rule for each folder, and one for the files of each floor. If two rules match a file, Biome applies only
 * the later one.
 */
function importRules({ floors: list, neverReach, apart }) {
  const members = list.flat();
  const message = 'Imports lead down: floors.json has the order.';
  const rules = list.flatMap((floor, index) => {
    const above = [...list.slice(0, index).flat(), 'packages'];
    const folders = floor.filter((member) => !isFile(member));
    const files = floor.filter(isFile);
    const ofFolders = folders.map((folder) => {
      const closed = Object.entries(neverReach).flatMap(([top, others]) => (isIn(folder, top) ? others : []));
      const forbidden = [...above, ...floor.filter((other) => other !== folder), ...closed];
      return importRule([`src/${folder}/**`], patternsOf(forbidden, folder, members), message);
    });
    if (files.length === 0) return ofFolders;
    const forbidden = [...above, ...floor];
    return [
      ...ofFolders,
      importRule(
        files.map((file) => `src/${file}`),
        patternsOf(forbidden, files[0], members),
        message,
      ),
    ];
  });
  const alone = apart.flatMap((folder) =>
    // A file in a folder of src/ may go up as far as src/, from two levels at most.
    [
      ['*', '../**'],
      ['*/*', '../../**'],
      ['*/*/**', '../../../**'],
    ].map(([files, outside]) =>
      importRule(
        [`${folder}/src/${files}`],
        [outside, 'node:*'],
        'It runs in browsers and must not import the service.',
      ),
    ),
  );
  return [...rules, ...alone];
}

/**
 * Patterns for the imports that are forbidden to a member. A folder is matched by its path, or relative to the member
 * if both have the same parent. A file of src/ is matched by the relative path up to it, because folders have files of
 * the same name.
 */
function patternsOf(forbidden, member, members) {
  const patterns = forbidden.flatMap((other) => {
    if (isFile(other)) return waysUpFrom(member).map((way) => `${way}${other}`);
    const parent = dirname(other);
    if (parent === '.') return [`**/${other}/**`];
    if (parent === dirname(member)) return ['../', '../../'].map((way) => `${way}${other.slice(parent.length + 1)}/**`);
    const isWhole = members.every((one) => !isIn(one, parent) || forbidden.includes(one));
    return [isWhole ? `**/${parent}/**` : `**/${other}/**`];
  });
  return [...new Set(patterns)];
}

/** The relative paths to src/ from the files of a member, and from the folders in it. */
function waysUpFrom(member) {
  if (isFile(member)) return ['./'];
  const depth = member.split('/').length;
  return [depth, depth + 1].map((steps) => '../'.repeat(steps));
}

function importRule(includes, group, message) {
  const noRestrictedImports = { level: 'error', options: { patterns: [{ group, message }] } };
  return { includes, linter: { rules: { style: { noRestrictedImports } } } };
}

function isFile(member) {
  return member.endsWith('.ts');
}

function isIn(member, folder) {
  return member === folder || member.startsWith(`${folder}/`);
}
