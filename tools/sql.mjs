// Refuses SQL outside `*/sql/`, `database/` and `query/`, several statements in one file of `*/sql/`, and imports of
// the connection pool above `database/`: other code uses Prisma and the methods that the folders add to it. The
// argument is a folder with a `src/` to check; the default is this repository.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src');

/** Patterns of statements and their parts. In this repository, keywords are in lower case. */
const statements = [
  /\bselect\b[\s\S]*\bfrom\s+[\w$({]/,
  /\bselect\s+(pg_|nextval|setval|set_config|current_setting|count\()/,
  /\binsert\s+into\s+\w/,
  /\bupdate\s+\w+(\s+(as\s+)?\w+)?\s+set\s+\w+\s*=/,
  /\bdelete\s+from\s+\w/,
  /\bas\s+(materialized\s+)?\(\s*(select|insert|update|delete)\b/,
  /\bfor\s+(no\s+key\s+)?(update|share)\b/,
  /\bon\s+conflict\b/,
  /::(text|uuid|bigint|int|jsonb|timestamptz|boolean|bytea)(\[\])?/,
  /^\s*(listen|notify|set|lock\s+table)\s+[a-z"$]/,
  /\border\s+by\s+\w+/,
  /^\s*[\w.]+\s+(=|<>|<|>|is\s+null|is\s+not\s+null)\s*(\$\d|any|and|$)/,
];
/** Modules that give access to the connection pool. */
const pools = new Set(['pg', 'pg-pool', '@prisma/adapter-pg', 'src/database/database.ts']);
/** The bus has a connection of its own for LISTEN; the composition root creates the pool. */
const mayHoldPool = (path) =>
  path.startsWith('database/') ||
  path.startsWith('live/bus/') ||
  ['app.ts', 'connect-database.ts', 'prisma.ts'].includes(path);
const isSqlFolder = (path) => /(^|\/)sql\//.test(path);
const mayHoldSql = (path) => isSqlFolder(path) || /^(database|query)\//.test(path);
/** `methods.ts` is exempt: it lists the statements of its folder, and runs those whose text depends on the caller. */
const isOneStatement = (path) => isSqlFolder(path) && !path.endsWith('/methods.ts');
const verbs = 'select|insert into|update|delete from|with|set|lock|listen|notify|vacuum|create|drop|alter';
const startsStatement = new RegExp(`^\\s*(${verbs})\\b`);
const joinsStatements = new RegExp(`;\\s*(${verbs})\\b`);

const faults = files().flatMap((path) => {
  const module = parseSync(readFileSync(join(source, path), 'utf8'), { syntax: 'typescript', target: 'es2023' });
  const isSql = !mayHoldSql(path) && textsIn(module.body).some((text) => statements.some((known) => known.test(text)));
  const isPool = !mayHoldPool(path) && importsIn(module.body, path).some((imported) => pools.has(imported));
  const isSeveral = isOneStatement(path) && countStatements(module.body) > 1;
  return [
    ...(isSql ? [`src/${path} holds SQL: move it into the sql/ of its folder.`] : []),
    ...(isSeveral ? [`src/${path} holds several statements: give each a file of its own.`] : []),
    ...(isPool ? [`src/${path} holds a pool: take Prisma with the methods it needs.`] : []),
  ];
});
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;

function files() {
  const entries = readdirSync(source, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
    .filter((path) => !/^(generated|client)\//.test(path))
    .sort();
}

/** Returns all strings of a source file, including messages. In a template, `$` replaces each expression. */
function textsIn(syntax) {
  if (Array.isArray(syntax)) return syntax.flatMap(textsIn);
  if (typeof syntax !== 'object' || syntax === null) return [];
  if (syntax.type === 'ImportDeclaration') return [];
  if (syntax.type === 'StringLiteral') return [syntax.value];
  const own = syntax.type === 'TemplateLiteral' ? [syntax.quasis.map(({ cooked }) => cooked).join('$')] : [];
  return [...own, ...Object.values(syntax).flatMap(textsIn)];
}

/** Counts declared statements, functions that run or return one, and exported strings that are whole statements. */
function countStatements(body) {
  const exported = body.flatMap(({ type, declaration }) => (type === 'ExportDeclaration' ? [declaration] : []));
  const texts = exported
    .flatMap(({ declarations = [] }) => declarations)
    .map(({ init }) => (init?.type === 'ArrowFunctionExpression' ? init.body : init))
    .filter((value) => ['StringLiteral', 'TemplateLiteral'].includes(value?.type))
    .flatMap(textsIn);
  const joined = textsIn(body).filter((text) => joinsStatements.test(text));
  return count(body, isStatement) + texts.filter((text) => startsStatement.test(text)).length + 2 * joined.length;
}

function isStatement({ type, callee, returnType }) {
  if (type === 'CallExpression') return callee.value === 'statement' || callee.value === 'runOn';
  return returnType?.typeAnnotation.typeName?.value === 'Sql';
}

/** Counts the nodes of a syntax tree for which `has` is true. */
function count(syntax, has) {
  if (typeof syntax !== 'object' || syntax === null) return 0;
  const own = !Array.isArray(syntax) && has(syntax) ? 1 : 0;
  return Object.values(syntax).reduce((sum, child) => sum + count(child, has), own);
}

function importsIn(body, path) {
  return body
    .filter(({ type }) => ['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration'].includes(type))
    .flatMap(({ source: from }) => (from ? [from.value] : []))
    .map((name) => (name.startsWith('.') ? join('src', dirname(path), name) : name));
}
