import { LRUCache } from 'lru-cache';

/** One media range of an `Accept` header. */
interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** Between 0, which refuses, and 1. */
  readonly weight: number;
}

/** A media type that can be sent, and the parameters of a range that name a variant of it which is not ours. */
export interface Offer {
  readonly type: string;
  readonly subtype: string;
  /** Whether a range with this parameter asks for what is sent; left out: parameters say nothing. */
  readonly suits?: (name: string, value: string) => boolean;
}

/** Without the header, and with an empty one, everything is taken. */
const anything = '*/*';

/** Clients send the same header with every request; longer ones are read anew, so that nobody fills the memory. */
const known = new LRUCache<string, readonly MediaRange[]>({ max: 100 });
const knownLength = 500;

/**
 * The offer that an `Accept` header prefers: by weight, then by how exactly it is named, then by the order of the
 * header, then by the order of the offers. Undefined: the header takes none of them.
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
  if (accept.length > knownLength) return parseAccept(accept);
  const ranges = known.get(accept) ?? parseAccept(accept);
  known.set(accept, ranges);
  return ranges;
}

function isHigher(rank: readonly number[], other: readonly number[]): boolean {
  const index = rank.findIndex((value, position) => value !== other[position]);
  return index >= 0 && (rank[index] ?? 0) > (other[index] ?? 0);
}

/** Weight, exactness and place of the most exact range that covers the offer; undefined where it refuses it. */
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

/** How exactly the range names the offer; -1 where it does not cover it. */
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
