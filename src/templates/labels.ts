import { analyzeSync, type Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import { parseLiquid } from './engine.ts';

const remembered = 1_000;
const known = new LRUCache<string, readonly string[]>({ max: remembered });

/** Tags whose content is shown under a condition. */
const conditional = new Set(['if', 'unless', 'case']);

/** What liquidjs keeps of tags and outputs, as far as it is read here; each has only some of it. */
interface Part {
  readonly name?: string;
  /** The content of a tag. */
  readonly templates?: Template[];
  readonly value?: { readonly filters?: readonly { readonly name: string }[] };
}

/**
 * The labels that a title and a body cannot do without, in order: those that are used outside any condition and without
 * a `default`. None of a text that cannot be parsed: that is told when it is rendered.
 */
export function requiredLabels(titleTemplate: string, bodyTemplate: string): readonly string[] {
  return [...new Set([titleTemplate, bodyTemplate].flatMap(requiredIn))];
}

function requiredIn(text: string): readonly string[] {
  const remembered = known.get(text);
  if (remembered !== undefined) return remembered;
  const found = labelsOf(text);
  known.set(text, found);
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
    // The library has no type for all of its tags together.
    const { name, templates: content, value } = template as Part;
    if (name !== undefined && conditional.has(name)) return [];
    if (content !== undefined) return unconditional(content);
    return value?.filters?.some((filter) => filter.name === 'default') ? [] : [template];
  });
}
