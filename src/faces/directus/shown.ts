import { LRUCache } from 'lru-cache';
import type { Role } from '../../auth/viewer.ts';
import type { Limits } from '../../config.ts';
import type { Query } from './query.ts';
import { createRenderer, type Renderer } from './render.ts';
import type { Resource } from './resource.ts';
import { type Selection, selectionOf } from './selection.ts';

/** For whom a request is prepared, and within what limits. */
export interface Scope {
  readonly role: Role;
  readonly limits: Limits;
}

/** What to read of each row, and how to show it. */
export interface Shown extends Selection {
  readonly render: Renderer;
}

const rememberedSelections = 1000;
/** Characters of all keys together; callers decide how long they are. */
const rememberedCharacters = 1_000_000;
const selections = new WeakMap<Resource, LRUCache<string, Shown>>();

function createMemory(): LRUCache<string, Shown> {
  return new LRUCache({
    max: rememberedSelections,
    maxSize: rememberedCharacters,
    sizeCalculation: (_shown, key) => key.length,
  });
}

/**
 * What a query shows of each row, remembered by everything that decides it.
 * @throws ServiceError `FORBIDDEN` for a field that does not exist or is not for this role.
 */
export function shownOf(resource: Resource, query: Query, { role, limits }: Scope): Shown {
  const known = selections.get(resource) ?? createMemory();
  selections.set(resource, known);
  const key = JSON.stringify([role, query.fields, query.alias, query.deep]);
  const remembered = known.get(key);
  if (remembered) return remembered;
  const selection = selectionOf(resource.type, query, { role, limits, path: 'root' });
  const shown = { ...selection, render: createRenderer(selection.columns) };
  known.set(key, shown);
  return shown;
}
