import { ownerOf } from '../auth/viewer.ts';
import { filterDepthMax } from '../checks.ts';
import type { QueryRunner } from '../database/sql.ts';
import type { TextIndex, TextRequest } from './collection.ts';
import { createDraft } from './draft.ts';
import { parsePage } from './paging.ts';
import { chosenRows } from './row-conditions.ts';
import type { Candidates, ListArguments, QueryScope } from './scope.ts';
import { escapeLike, isIndexable } from './text.ts';

/** Maximum number of texts looked up in the index for one query; the others are matched on the rows. */
const textsMax = 4;
/**
 * Maximum number of candidate keys. If more rows contain the text, reading a list in order fills a page quickly without
 * the index. An aggregate must read all rows, so its maximum is higher.
 */
const maxRows = { page: 2000, all: 20_000 };
/** Maximum `limit` of a page; a list with a larger one may have to read all rows, as an aggregate does. */
const pageMax = 1000;

/**
 * Whether the text index can find this text. It indexes the trigrams of words, so the text needs three letters or
 * digits in a row.
 */
function isFindable(text: string): boolean {
  return /[\p{L}\p{N}]{3}/u.test(text) && isIndexable(text);
}

/**
 * Returns the scope with the candidate keys of all texts in the arguments. The statement checks the rows again, because
 * the index may be outdated.
 * @throws ServiceError for invalid arguments, like the statement itself.
 */
export async function withCandidates(
  runner: QueryRunner,
  scope: QueryScope,
  args: ListArguments,
  purpose: 'list' | 'aggregate' = 'list',
): Promise<QueryScope> {
  if (scope.collection.texts === undefined || !looksForText(args)) return scope;
  const draft = createDraft(scope);
  chosenRows(draft, args);
  const texts = [...draft.texts].filter(isFindable).slice(0, textsMax);
  if (texts.length === 0) return scope;
  const { limit } = purpose === 'list' ? parsePage(scope, args) : { limit: undefined };
  const isPage = limit !== undefined && limit <= pageMax;
  const candidates = await findCandidates(runner, scope, texts, isPage);
  return candidates.size === 0 ? scope : { ...scope, candidates };
}

/** The candidate keys of one text, for a page of one recipient's rows. */
export async function candidatesFor(
  runner: QueryRunner,
  find: TextIndex['find'],
  text: string,
  recipient: string,
): Promise<readonly number[] | undefined> {
  if (!isFindable(text)) return undefined;
  return findOne(runner, find, { text, recipient, owner: recipient, isPage: true });
}

async function findCandidates(
  runner: QueryRunner,
  { collection, viewer }: QueryScope,
  texts: readonly string[],
  isPage: boolean,
): Promise<Candidates> {
  const found = new Map<string, readonly number[]>();
  if (collection.texts === undefined || viewer.kind === 'anonymous') return found;
  const recipient = collection.visibility(viewer).kind === 'all' ? undefined : viewer.id;
  for (const text of texts) {
    const keys = await findOne(runner, collection.texts.find, { text, recipient, owner: ownerOf(viewer), isPage });
    if (keys !== undefined) found.set(text, keys);
  }
  return found;
}

async function findOne(
  runner: QueryRunner,
  find: TextIndex['find'],
  { isPage, ...request }: Pick<TextRequest, 'text' | 'recipient' | 'owner'> & { readonly isPage: boolean },
): Promise<readonly number[] | undefined> {
  const maxKeys = isPage ? maxRows.page : maxRows.all;
  const pattern = `%${escapeLike(request.text)}%`;
  const [row] = await runner.query<{ indexed: number[]; queued: number[] }>(
    find({ ...request, pattern, maxKeys, skipsFrequentTexts: isPage }),
  );
  if (row === undefined || row.indexed.length > maxKeys || row.queued.length > maxKeys) return undefined;
  return [...new Set([...row.indexed, ...row.queued])];
}

/** Whether the arguments contain a search or a text operator in the filter. */
function looksForText({ filter, search }: ListArguments): boolean {
  return (typeof search === 'string' && search !== '') || hasTextOperator(filter, 0);
}

/**
 * Maximum nesting of objects and lists in a valid filter: two for each level, and one each for a field, its function
 * and its operator.
 */
const maxNesting = 2 * filterDepthMax + 3;

function hasTextOperator(filter: unknown, depth: number): boolean {
  if (typeof filter !== 'object' || filter === null || depth > maxNesting) return false;
  for (const key of Object.keys(filter)) {
    if (/^_i?(contains|starts_with|ends_with)$/.test(key)) return true;
    if (hasTextOperator((filter as Readonly<Record<string, unknown>>)[key], depth + 1)) return true;
  }
  return false;
}
