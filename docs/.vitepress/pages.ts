/** The files outside docs/ that are pages of the site, with their paths in the site. */
export const pagesOutside: ReadonlyMap<string, string> = new Map([
  ['ARCHITECTURE.md', 'architecture.md'],
  ['CHANGELOG.md', 'changelog.md'],
  ['CONTRIBUTING.md', 'contributing.md'],
  ['bench/README.md', 'benchmarks.md'],
]);

/** The pages shown in place of other files of the repository. The home page is a short form of README.md. */
const standIns: ReadonlyMap<string, string> = new Map([
  ['README.md', 'index.md'],
  ['schema.graphql', 'reference/graphql.md'],
  ['openapi.json', 'reference/rest.md'],
  ['.env.example', 'reference/configuration.md'],
]);

/** The path in the site of a Markdown file. @param file its path in the repository */
export function sitePathOf(file: string): string {
  return pagesOutside.get(file) ?? file.replace(/^docs\//, '');
}

/**
 * The page that a link to a file of the repository leads to; null if it has none.
 * @param file its path in the repository
 */
export function pageOf(file: string): string | null {
  const standIn = standIns.get(file) ?? pagesOutside.get(file);
  if (standIn !== undefined) return standIn;
  return file.startsWith('docs/') && file.endsWith('.md') ? sitePathOf(file) : null;
}
