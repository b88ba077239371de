import { createHash } from 'node:crypto';
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import { LRUCache } from 'lru-cache';
import { ownerOf } from '../auth/viewer.ts';
import type { Sql } from '../database/sql.ts';
import { invalidQuery } from '../errors.ts';
import type { Piece } from './compile.ts';
import type { Draft, Slot } from './draft.ts';

/** Compiled shapes kept; a shape is cheap to compile again. */
const shapesMax = 500;
/** Longest key worth keeping: rarely is so long a query asked twice, and callers decide how long keys are. */
const keyMax = 2048;
/** PostgreSQL counts the parameters of a statement in 16 bits. */
const parametersMax = 65_535;

interface Shape {
  readonly text: string;
  /** Which of the draft's values are the parameters, in order. */
  readonly order: readonly number[];
  name: string | undefined;
  wasUsed: boolean;
}

/** Compiles and nothing else: there is no connection behind it. */
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
 * The finished statement of a draft. `build` is only asked for shapes not seen lately.
 * Shapes that come again get a name, so that each connection parses and plans them once; not those planned anew.
 * @throws ServiceError INVALID_QUERY when it has more values than PostgreSQL takes.
 */
export function finish(draft: Draft, build: () => Piece): Sql {
  const key = draft.key();
  let shape = shapes.get(key);
  if (shape) {
    if (!shape.wasUsed && !draft.isPlannedAnew) {
      shape.wasUsed = true;
      shape.name = nameFor(shape.text);
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
    // Every value of a piece is a slot; see `slot` in compile.ts.
    order: parameters.map((parameter) => (parameter as Slot).index),
    name: undefined,
    wasUsed: false,
  };
}

/** The same text always gets the same name. */
function nameFor(text: string): string {
  return `tidings_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}
