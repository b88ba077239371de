import { analyzeSync, type Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import { parseLiquid } from './engine.ts';

const maxCached = 1_000;
const cache = new LRUCache<string, readonly string[]>({ max: maxCached });

/** Tags whose content is conditional. */
const conditional = new Set(['if', 'unless', 'case']);

/** The properties of liquidjs tags and outputs that are used here; each has only some of them. */
interface Part {
  readonly name?: string;
  /** The content of a tag. */
  readonly templates?: Template[];
  readonly value?: { readonly filters?: readonly { readonly name: string }[] };
}

/**
 * The labels that a title and a body require, in order: those used outside conditions and without the filter `default`.
 * Empty for text that cannot be parsed; rendering reports the error.
 */
export function requiredLabels(title_template: string, body_template: string): readonly string[] {
  return [...new Set([title_template, body_template].flatMap(requiredIn))];
}

function requiredIn(text: string): readonly string[] {
  const cached = cache.get(text);
  if (cached !== undefined) return cached;
  const found = labelsOf(text);
  cache.set(text, found);
  return found;
}

function labelsOf(text: string): readonly string[] {
  let parsed: Template[];
  try {
    parsed = parseLiquid('label', text);
  } catch {
    return [];
  }
  const { globals } = analyzeSync(unconditional(parsed), { partials: false });
  return (globals['labels'] ?? []).flatMap(({ segments: [, label] }) => (typeof label === 'string' ? [label] : []));
}

function unconditional(templates: readonly Template[]): Template[] {
  return templates.flatMap((template) => {
    // liquidjs has no common type for its tags.
    const { name, templates: content, value } = template as Part;
    if (name !== undefined && conditional.has(name)) return [];
    if (content !== undefined) return unconditional(content);
    return value?.filters?.some((filter) => filter.name === 'default') ? [] : [template];
  });
}
