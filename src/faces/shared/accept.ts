import { LRUCache } from 'lru-cache';

/** One media range of an `Accept` header. */
interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** The `q` value, from 0 (not acceptable) to 1. */
  readonly weight: number;
}

/** A media type that the server can send. */
export interface Offer {
  readonly type: string;
  readonly subtype: string;
  /** Whether the offer satisfies a range with this parameter. Undefined: parameters are ignored. */
  readonly suits?: (name: string, value: string) => boolean;
}

/** A missing or empty header accepts everything. */
const anything = '*/*';

/** Parsed headers. Clients repeat theirs; long ones are not cached, which bounds the memory. */
const cache = new LRUCache<string, readonly MediaRange[]>({ max: 100 });
const cachedLength = 500;

/**
 * The offer that an `Accept` header prefers: by weight, then exactness, then order in the header, then order of the
 * offers. Undefined if the header accepts none of them.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1
 */
export function preferred<Option extends Offer>(
  accept: string | null | undefined,
  offers: readonly Option[],
): Option | undefined {
  const ranges = rangesOf(accept?.trim() ? accept : anything);
  let best: Option | undefined;
  let bestRank = [0, 0, 0];
  for (const offer of offers) {
    const rank = rankOf(offer, ranges);
    if (rank === undefined || (best !== undefined && !isHigher(rank, bestRank))) continue;
    best = offer;
    bestRank = rank;
  }
  return best;
}

function rangesOf(accept: string): readonly MediaRange[] {
  if (accept.length > cachedLength) return parseAccept(accept);
  const ranges = cache.get(accept) ?? parseAccept(accept);
  cache.set(accept, ranges);
  return ranges;
}

function isHigher(rank: readonly number[], other: readonly number[]): boolean {
  const index = rank.findIndex((value, position) => value !== other[position]);
  return index >= 0 && (rank[index] ?? 0) > (other[index] ?? 0);
}

/** Weight, exactness and position of the most exact range that matches the offer; undefined if it refuses the offer. */
function rankOf(offer: Offer, ranges: readonly MediaRange[]): number[] | undefined {
  let most = -1;
  let rank: number[] | undefined;
  ranges.forEach((range, index) => {
    const exactness = exactnessOf(offer, range);
    if (exactness <= most) return;
    most = exactness;
    rank = range.weight > 0 ? [range.weight, exactness, -index] : undefined;
  });
  return rank;
}

/** How exactly the range names the offer; -1 if it does not match. */
function exactnessOf(offer: Offer, { type, subtype, parameters }: MediaRange): number {
  if (type === '*' && subtype === '*') return 0;
  if (type !== offer.type) return -1;
  if (subtype === '*') return 1;
  if (subtype !== offer.subtype) return -1;
  const { suits } = offer;
  if (suits && ![...parameters].every(([name, value]) => suits(name, value))) return -1;
  return 2 + (suits ? parameters.size : 0);
}

function parseAccept(accept: string): MediaRange[] {
  return splitOutsideQuotes(accept, ',').flatMap((text) => {
    const [range = '', ...rest] = splitOutsideQuotes(text, ';');
    const [type = '', subtype = ''] = range.trim().toLowerCase().split('/');
    if (!type || !subtype) return [];
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const [name = '', ...value] = parameter.split('=');
      if (name.trim()) parameters.set(name.trim().toLowerCase(), unquote(value.join('=').trim()));
    }
    const weight = Number(parameters.get('q') ?? 1);
    parameters.delete('q');
    return [{ type, subtype, parameters, weight: Number.isFinite(weight) ? weight : 1 }];
  });
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  return text.match(separator === ',' ? /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g : /(?:[^;"]|"(?:[^"\\]|\\.)*"?)+/g) ?? [];
}

function unquote(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1) : value;
}
