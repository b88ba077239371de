/** A variable that is set but not read, and the variable that is probably meant. */
export interface NearName {
  readonly name: string;
  readonly meant: string;
}

/** Shorter names are not compared, because they resemble too many unrelated names. */
const shortestLength = 6;
/** In names of this length and longer, two letters may be wrong. */
const longLength = 10;
const prefix = 'TIDINGS_';

/**
 * Finds variables that look like a misspelling of one of `known`: a letter too many, missing, wrong or swapped, a
 * prefix `TIDINGS_`, or `_FILE` too many or missing.
 */
export function findNearNames(
  environment: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): readonly NearName[] {
  const isKnown = new Set(known);
  return Object.entries(environment).flatMap(([name, value = '']) => {
    if (value === '' || isKnown.has(name) || isUnrelated(name, value)) return [];
    const meant = nearest(name.toUpperCase(), known, isKnown);
    return meant === undefined ? [] : [{ name, meant }];
  });
}

/** Whether another program sets it: npm passes its own settings, Kubernetes the addresses of a service "tidings". */
function isUnrelated(name: string, value: string): boolean {
  return /^npm_/i.test(name) || /^(tcp|udp|sctp):\/\//.test(value);
}

function nearest(name: string, known: readonly string[], isKnown: ReadonlySet<string>): string | undefined {
  const plain = name.startsWith(prefix) ? name.slice(prefix.length) : name;
  for (const exact of [plain, `${plain}_FILE`, plain.replace(/_FILE$/, '')]) if (isKnown.has(exact)) return exact;
  if (plain.length < shortestLength) return undefined;
  const most = plain.length < longLength ? 1 : 2;
  let best: { readonly meant: string; readonly distance: number } | undefined;
  for (const meant of known) {
    if (meant.length < shortestLength || Math.abs(meant.length - plain.length) > most) continue;
    const distance = distanceOf(plain, meant);
    if (distance <= most && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) best = { meant, distance };
  }
  return best?.meant;
}

/** The number of letters to insert, delete, replace or swap with the next one (optimal string alignment). */
function distanceOf(one: string, other: string): number {
  let previous: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const isSame = one[i - 1] === other[j - 1];
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (isSame ? 0 : 1),
        isSwapped ? (previous[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    previous = row;
    row = next;
  }
  return row[other.length] ?? 0;
}
