import { rights } from '../../src/auth/rights.ts';
import { roles, scopes } from '../../src/auth/viewer.ts';
import { table } from './markdown.mjs';

const title = '\n## Who may do what\n';

/** The page with the section that lists the matrix of src/auth/rights.ts. */
export function withRights(page) {
  const start = page.indexOf(title);
  const end = page.indexOf('\n## ', start + title.length);
  if (start === -1 || end === -1) throw new Error(`docs/tokens.md has no section${title}`);
  const intro = page.slice(start, end).split('\n| ')[0];
  const rows = Object.entries(rights).map(([action, right]) => [
    `\`${action}\``,
    roles.filter((role) => right.roles.includes(role)).join(', '),
    scopesOf(right.scopes),
  ]);
  return `${page.slice(0, start)}${intro}\n${table(['action', 'roles', 'scopes'], rows)}\n${page.slice(end)}`;
}

function scopesOf(given) {
  if (given === 'any') return 'any';
  return scopes
    .filter((scope) => scope === 'admin' || given.includes(scope))
    .map((scope) => `\`${scope}\``)
    .join(', ');
}
