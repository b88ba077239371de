import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { LRUCache } from 'lru-cache';
import { ownerOf } from '../auth/viewer.ts';
import type { Sql } from '../database/sql.ts';
import { statementName } from '../database/statement-name.ts';
import { invalidQuery } from '../errors.ts';
import type { Piece } from './compile.ts';
import type { Draft, Slot } from './draft.ts';

/** Maximum number of cached shapes; compiling one again is cheap. */
const shapesMax = 500;
/** Maximum length of a cached key: long queries are rarely repeated, and callers determine the length. */
const keyMax = 2048;
/** PostgreSQL encodes the number of parameters in 16 bits. */
const parametersMax = 65_535;

interface Shape {
  readonly text: string;
  /** Indexes of the draft's values in parameter order. */
  readonly order: readonly number[];
  name: string | undefined;
  wasUsed: boolean;
}

/** Used only to compile; it has no connection. */
const compiler = new Kysely<Record<string, never>>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});

const shapes = new LRUCache<string, Shape>({ max: shapesMax });

/**
 * The finished statement of a draft; `build` is called only for shapes that are not cached. Repeated shapes get a name,
 * so that each connection parses and plans them once. A statement that is planned for each run gets no name.
 * @throws ServiceError INVALID_QUERY when there are more values than PostgreSQL accepts.
 */
export function finish(draft: Draft, build: () => Piece): Sql {
  const key = draft.key();
  let shape = shapes.get(key);
  if (shape) {
    if (!shape.wasUsed && !draft.isPlannedAnew) {
      shape.wasUsed = true;
      shape.name = statementName(shape.text);
    }
  } else {
    shape = compile(build());
    if (key.length <= keyMax) shapes.set(key, shape);
  }
  const { text, order, name } = shape;
  const values = order.map((index) => draft.values[index]);
  const owner = ownerOf(draft.scope.viewer);
  return name === undefined ? { text, values, owner } : { text, values, owner, name };
}

function compile(piece: Piece): Shape {
  const { sql, parameters } = piece.compile(compiler);
  if (parameters.length > parametersMax) throw invalidQuery('the query has too many values');
  return {
    text: sql,
    // All values of a piece are slots; see `slot` in compile.ts.
    order: parameters.map((parameter) => (parameter as Slot).index),
    name: undefined,
    wasUsed: false,
  };
}
