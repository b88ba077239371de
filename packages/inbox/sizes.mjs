// Measures what browsers load of a bundle, and compares it with the budget.
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Maximum bytes, compressed, that a page with this element loads before anything is opened. */
const budgets = { bell: 12_000, inbox: 40_000 };

/**
 * Compressed bytes of each entry: `first` is loaded with the page, `later` when somebody opens something, and `budget` is
 * the maximum of `first`.
 */
export function sizesOf({ files, metafile }) {
  const bytes = new Map([...files].map(([name, content]) => [name, gzipSync(content, { level: 9 }).length]));
  const imports = new Map(
    Object.entries(metafile.outputs).map(([path, output]) => [
      basename(path),
      output.imports.filter(({ external }) => !external).map(({ path: to, kind }) => ({ to: basename(to), kind })),
    ]),
  );
  const sum = (names) => names.reduce((total, name) => total + (bytes.get(name) ?? 0), 0);
  /** The files that are loaded with these, in the order in which they are found. */
  function reach(name, isFollowed, found = new Set()) {
    if (found.has(name)) return found;
    found.add(name);
    for (const { to, kind } of imports.get(name) ?? []) if (isFollowed(kind)) reach(to, isFollowed, found);
    return found;
  }
  return Object.values(metafile.outputs).flatMap(({ entryPoint }) => {
    const entry = basename(entryPoint ?? '', '.ts');
    // The targets of a dynamic import are entry points for esbuild, too, but have other names.
    if (entryPoint !== `src/${entry}.ts` || !files.has(`${entry}.js`)) return [];
    const first = reach(`${entry}.js`, (kind) => kind === 'import-statement');
    const all = reach(`${entry}.js`, () => true);
    const later = [...all].filter((name) => !first.has(name));
    return [{ entry, first: sum([...first]), later: sum(later), budget: budgets[entry] }];
  });
}

/** A table for people. */
export function tableOf(sizes) {
  const kilobytes = (count) => `${(count / 1000).toFixed(1)} kB`.padStart(9);
  const row = ({ entry, first, later, budget }) =>
    `${entry.padEnd(12)}${kilobytes(first)}${budget === undefined ? ''.padStart(9) : kilobytes(budget)}${kilobytes(later)}\n`;
  return `${'gzipped'.padEnd(12)}${['first', 'at most', 'later'].map((title) => title.padStart(9)).join('')}\n${sizes.map(row).join('')}`;
}

/** Says which elements are larger than their budget. */
export function checkSizes(sizes) {
  const over = sizes.filter(({ first, budget }) => budget !== undefined && first > budget);
  if (over.length > 0) process.stderr.write(`Too large: ${over.map(({ entry }) => entry).join(', ')}.\n`);
}
