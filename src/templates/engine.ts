import { Drop, Liquid, type Context as LiquidContext, type LiquidOptions, type Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import { codeSpan, dropEmpty, encodeForUrl, escapeMarkdown, escapeMarkdownLine, escapeOrMark } from './escape.ts';

/** What an output of a template becomes part of. */
export type Target = 'body' | 'title' | 'url' | 'label';

/** Most characters of one template, and of what it renders to. */
const parseLimit = 200_000;
const outputLimit = 1_000_000;
/** Most elements and characters that filters, loops and outputs may make on the way. */
const memoryLimit = 5_000_000;
/** Milliseconds: only for what the other limits let through, so that a busy machine fails no sound template. */
const renderLimit = 2_000;
const cachedTemplates = 1_000;

/**
 * The tags of a template. Left out are those that would reach for other templates (`include`, `render`, `layout`,
 * `block`), and those that print without going through the escaping of outputs (`echo`, `cycle`, `liquid`, `tablerow`).
 */
const allowedTags = new Set([
  ...['assign', 'capture', 'if', 'unless', 'case', 'for', 'break', 'continue', 'comment', '#', 'raw'],
]);

/** A text of the deployment's own that goes into the output as it is. */
export class TrustedText extends Drop {
  readonly #text: string;

  constructor(text: string) {
    super();
    this.#text = text;
  }

  override valueOf(): string {
    return this.#text;
  }
}

interface FilterThis {
  readonly context: LiquidContext;
}

const unchanged = (text: string) => text;

/** One engine per target: they differ in how an output is escaped. */
interface Engine {
  readonly liquid: Liquid;
  readonly cache: LRUCache<string, Template[]>;
  readonly finish: (rendered: string) => string;
}

const engines: Readonly<Record<Target, Engine>> = {
  body: createEngine({ escapeOutput: (text) => escapeOrMark(escapeMarkdown, text), finish: dropEmpty }),
  title: createEngine({ escapeOutput: (text) => escapeOrMark(escapeMarkdownLine, text), finish: dropEmpty }),
  // In a URL everything is encoded once already: there the filter is only a way to say so.
  url: createEngine({ escapeOutput: encodeForUrl, isUrlEncodeRaw: true }),
  label: createEngine({}),
};

/**
 * Renders one Liquid text. Outputs are escaped for the target, unless they are trusted or end in the filter `raw`.
 * @throws Error of liquidjs, with the line and column, or another when a limit is exceeded.
 */
export function renderLiquid(target: Target, text: string, scope: Readonly<Record<string, unknown>>): string {
  const { liquid, finish } = engines[target];
  const rendered: unknown = liquid.renderSync(parseLiquid(target, text), scope);
  if (typeof rendered !== 'string') throw new TypeError('a template renders to text');
  if (rendered.length > outputLimit) throw new Error(`it renders to more than ${outputLimit} characters`);
  return finish(rendered);
}

/** A Liquid text as the engine reads it; remembered. @throws Error of liquidjs, with the line and column. */
export function parseLiquid(target: Target, text: string): Template[] {
  const { liquid, cache } = engines[target];
  const known = cache.get(text);
  if (known !== undefined) return known;
  const parsed = liquid.parse(text);
  cache.set(text, parsed);
  return parsed;
}

function createEngine({
  escapeOutput = unchanged,
  finish = unchanged,
  isUrlEncodeRaw = false,
}: {
  readonly escapeOutput?: (text: string) => string;
  readonly finish?: (rendered: string) => string;
  readonly isUrlEncodeRaw?: boolean;
}): Engine {
  const options: LiquidOptions = {
    // Nothing is read from files: there are no partials but these none.
    templates: {},
    relativeReference: false,
    dynamicPartials: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    // The empty text and zero are false in conditions, as a label that is not there is.
    jsTruthy: true,
    timezoneOffset: 0,
    locale: 'en',
    parseLimit,
    memoryLimit,
    renderLimit,
    outputEscape: function (this: FilterThis, value: unknown): string {
      if (value instanceof TrustedText) return value.valueOf();
      const text = escapeOutput(toText(value));
      this.context.memoryLimit.use(text.length);
      return text;
    } as (value: unknown) => string,
  };
  const liquid = new Liquid(options);
  for (const tag of Object.keys(liquid.tags)) if (!allowedTags.has(tag)) delete liquid.tags[tag];
  liquid.registerFilter('code', { raw: true, handler: (value: unknown) => codeSpan(toText(value)) });
  liquid.registerFilter('url_encode', {
    raw: isUrlEncodeRaw,
    handler: (value: unknown) => encodeForUrl(toText(value)),
  });
  return { liquid, cache: new LRUCache({ max: cachedTemplates }), finish };
}

/** A value as text: nothing for what is missing, lists by commas, objects as JSON. */
function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof TrustedText) return value.valueOf();
  if (Array.isArray(value)) return value.map(toText).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
