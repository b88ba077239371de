// Measures what browsers load of a bundle, and compares it with the budget.
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Maximum bytes, compressed, that a page with this element loads before anything is opened. */
const budgets = { bell: 12_000, inbox: 40_000 };

/**
 * Compressed bytes of each entry: `first` is loaded with the page, `later` when somebody opens something, and `budget` is
 * the maximum of `first`.
 */
export function sizesOf({ files, scripts }) {
  const bytes = new Map([...files].map(([name, content]) => [name, gzipSync(content, { level: 9 }).length]));
  const scriptOf = new Map(scripts.map((script) => [script.fileName, script]));
  const sum = (names) => names.reduce((total, name) => total + (bytes.get(name) ?? 0), 0);
  /** The script and all that it imports in these ways. */
  function reach(name, importsOf, found = new Set()) {
    if (found.has(name)) return found;
    found.add(name);
    for (const imported of importsOf(scriptOf.get(name))) reach(imported, importsOf, found);
    return found;
  }
  return scripts
    .filter(({ isEntry }) => isEntry)
    .map(({ fileName }) => {
      const entry = basename(fileName, '.js');
      const first = reach(fileName, ({ imports }) => imports);
      const all = reach(fileName, ({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
      const later = [...all].filter((name) => !first.has(name));
      return { entry, first: sum([...first]), later: sum(later), budget: budgets[entry] };
    });
}

/** A table for people. */
export function tableOf(sizes) {
  const kilobytes = (count) => `${(count / 1000).toFixed(1)} kB`.padStart(9);
  const row = ({ entry, first, later, budget }) =>
    `${entry.padEnd(12)}${kilobytes(first)}${budget === undefined ? ''.padStart(9) : kilobytes(budget)}${kilobytes(later)}\n`;
  return `${'gzipped'.padEnd(12)}${['first', 'at most', 'later'].map((title) => title.padStart(9)).join('')}\n${sizes.map(row).join('')}`;
}

/** @throws Error when an element is larger than its budget */
export function checkSizes(sizes) {
  const over = sizes.filter(({ first, budget }) => budget !== undefined && first > budget);
  if (over.length > 0) throw new Error(`Too large: ${over.map(({ entry }) => entry).join(', ')}.\n${tableOf(sizes)}`);
}
