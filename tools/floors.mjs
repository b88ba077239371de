// `npm run floors` writes Biome's import rules from floors.json; with `--check` it only fails where they differ.
// A folder may be given that holds both files instead of this repository's.
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

// A rule a line, so that a change of the list shows what it changes.
const rules = importRules(JSON.parse(read('floors.json'))).map((rule) => JSON.stringify(rule));
const text = `{ "overrides": [\n${rules.join(',\n')}\n] }\n`;

if (!options.check) writeFileSync(join(root, generated), text);
else if (text !== read(generated)) {
  console.error(`${generated} is not what floors.json gives: run \`npm run floors\`.`);
  process.exitCode = 1;
}

/**
 * One rule for each folder, and one for the files of a floor: where two rules match, Biome takes the later one alone.
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
  const alone = apart.map((folder) =>
    importRule([`${folder}/src/**`], ['../**', 'node:*'], 'It runs in browsers and knows nothing of the service.'),
  );
  return [...rules, ...alone];
}

/**
 * How the imports of a member name what it must not know. A folder is known by its path, but beside the member it is
 * named without their parent; a file of src/ is known by the way up to it, since folders have files of the same name.
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

/** From a member's files, and from folders in it, up to src/. */
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
