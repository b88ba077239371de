import { Drop, Liquid, type Context as LiquidContext, type LiquidOptions, type Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import { codeSpan, dropEmpty, encodeForUrl, escapeMarkdown, escapeMarkdownLine, escapeOrMark } from './escape.ts';

/** The part of a message that an output is inserted into. */
export type Target = 'body' | 'title' | 'url' | 'label';

/** Maximum number of characters of one template, and of its rendering. */
const parseLimit = 200_000;
const outputLimit = 1_000_000;
/** Maximum number of elements and characters that filters, loops and outputs may create while rendering. */
const memoryLimit = 5_000_000;
/**
 * Timeout of a rendering in milliseconds. It is long, so that valid templates do not fail on a busy machine; the other
 * limits stop most faulty templates.
 */
const renderLimit = 2_000;
const cachedTemplates = 1_000;

/**
 * The tags allowed in templates. Tags that load other templates (`include`, `render`, `layout`, `block`) and tags that
 * print without escaping (`echo`, `cycle`, `liquid`, `tablerow`) are excluded.
 */
const allowedTags = new Set([
  ...['assign', 'capture', 'if', 'unless', 'case', 'for', 'break', 'continue', 'comment', '#', 'raw'],
]);

/** Text from the configuration of the deployment, which is inserted without escaping. */
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

/** One engine for each target, because each escapes outputs differently. */
interface Engine {
  readonly liquid: Liquid;
  readonly cache: LRUCache<string, Template[]>;
  readonly finish: (rendered: string) => string;
}

const engines: Readonly<Record<Target, Engine>> = {
  body: createEngine({ escapeOutput: (text) => escapeOrMark(escapeMarkdown, text), finish: dropEmpty }),
  title: createEngine({ escapeOutput: (text) => escapeOrMark(escapeMarkdownLine, text), finish: dropEmpty }),
  // Every output in a URL is encoded. The filter `url_encode` encodes too, so its result must not be encoded again.
  url: createEngine({ escapeOutput: encodeForUrl, isUrlEncodeRaw: true }),
  label: createEngine({}),
};

/**
 * Renders one Liquid text. Outputs are escaped for the target unless they are trusted or use the filter `raw`.
 * @throws Error of liquidjs with line and column, or another error when a limit is exceeded.
 */
export function renderLiquid(target: Target, text: string, scope: Readonly<Record<string, unknown>>): string {
  const { liquid, finish } = engines[target];
  const rendered: unknown = liquid.renderSync(parseLiquid(target, text), scope);
  if (typeof rendered !== 'string') throw new TypeError('a template must render to text');
  if (rendered.length > outputLimit) throw new Error(`it renders to more than ${outputLimit} characters`);
  return finish(rendered);
}

/** Parses a Liquid text; results are cached. @throws Error of liquidjs with line and column. */
export function parseLiquid(target: Target, text: string): Template[] {
  const { liquid, cache } = engines[target];
  const cached = cache.get(text);
  if (cached !== undefined) return cached;
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
    // No partials, so liquidjs reads no files.
    templates: {},
    relativeReference: false,
    dynamicPartials: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    // The empty string and zero are false in conditions, like a missing label.
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

/** A value as text: missing values are empty, lists are joined by commas, objects become JSON. */
function toText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof TrustedText) return value.valueOf();
  if (Array.isArray(value)) return value.map(toText).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
