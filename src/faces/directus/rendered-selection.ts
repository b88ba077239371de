import { LRUCache } from 'lru-cache';
import type { FieldAccess } from '../../auth/rights.ts';
import type { Limits } from '../../config.ts';
import type { Query } from './query.ts';
import { createRenderer, type Renderer } from './render.ts';
import type { Resource } from './resource.ts';
import { type Selection, selectionOf } from './selection.ts';

/** The role and limits that a request is prepared for. */
export interface Scope {
  readonly role: FieldAccess;
  readonly limits: Limits;
}

/** The selection of each row and its renderer. */
export interface RenderedSelection extends Selection {
  readonly render: Renderer;
}

const cachedSelections = 1000;
/** Maximum number of characters of all cached keys together, because callers choose their length. */
const cachedCharacters = 1_000_000;
const selections = new WeakMap<Resource, LRUCache<string, RenderedSelection>>();

function createCache(): LRUCache<string, RenderedSelection> {
  return new LRUCache({
    max: cachedSelections,
    maxSize: cachedCharacters,
    sizeCalculation: (_selection, key) => key.length,
  });
}

/**
 * The selection and renderer for a query, cached by all parameters that determine them.
 * @throws ServiceError `FORBIDDEN` for a field that does not exist or this role may not read.
 */
export function renderedSelectionOf(resource: Resource, query: Query, { role, limits }: Scope): RenderedSelection {
  const cache = selections.get(resource) ?? createCache();
  selections.set(resource, cache);
  const key = JSON.stringify([role, query.fields, query.alias, query.deep]);
  const cached = cache.get(key);
  if (cached) return cached;
  const selection = selectionOf(resource.type, query, { role, limits, path: 'root' });
  const rendered = { ...selection, render: createRenderer(selection.columns) };
  cache.set(key, rendered);
  return rendered;
}
