import { posix } from 'node:path';
import { importsOf } from './imports.ts';

/** `floors.json`: members are folders of src/, or files directly in it. */
export interface Floors {
  /** From the top down; members of one floor do not import each other. */
  readonly floors: readonly (readonly string[])[];
  /** Folders, and the members on lower floors that they still must not import. */
  readonly neverReach: Readonly<Record<string, readonly string[]>>;
  /** Packages whose sources import nothing of src/ and are not imported there. */
  readonly apart: readonly string[];
}

/**
 * The faults of the imports of these sources, and of the list itself; empty when there are none.
 * @param sources the texts of all files below src/, by their paths from there
 */
export function faultsOf(sources: ReadonlyMap<string, string>, { floors, neverReach }: Floors): string[] {
  const heights = new Map(floors.flatMap((floor, index) => floor.map((member) => [member, index] as const)));
  const members = [...heights.keys()];
  const memberOf = (path: string) => members.find((member) => isIn(path, member));
  const imports = new Map([...sources].map(([path, source]) => [path, relativeImports(path, source)]));

  const faultOf = (from: string, to: string): string | undefined => {
    const [importer, imported] = [memberOf(from), memberOf(to)];
    if (importer === undefined || imported === undefined) return `${from} imports ${to}, which has no floor`;
    if (importer === imported) return undefined;
    const [height, other] = [heights.get(importer) ?? 0, heights.get(imported) ?? 0];
    if (other < height) return `${from} imports ${to}, which is above it`;
    if (other === height) return `${from} imports ${to}, which is on the same floor`;
    const isClosed = Object.entries(neverReach).some(
      ([folder, closed]) => isIn(from, folder) && closed.some((member) => isIn(to, member)),
    );
    return isClosed ? `${from} imports ${to}, which it must not reach` : undefined;
  };

  return [
    ...[...sources.keys()].filter((path) => memberOf(path) === undefined).map((path) => `${path} has no floor`),
    ...members
      .filter((member) => ![...sources.keys()].some((path) => isIn(path, member)))
      .map((member) => `floors.json names ${member}, which is not there`),
    ...[...imports].flatMap(([from, targets]) => targets.flatMap((to) => faultOf(from, to) ?? [])),
    ...cyclesOf(imports).map((cycle) => `${cycle.join(', ')} import each other`),
  ];
}

function isIn(path: string, member: string): boolean {
  return path === member || path.startsWith(`${member}/`);
}

function relativeImports(path: string, source: string): string[] {
  return importsOf(source)
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

/** The import cycles: strongly connected components of more than one file, by Tarjan's algorithm. */
function cyclesOf(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];

  const visit = (path: string): number => {
    const number = order.size;
    order.set(path, number);
    open.push(path);
    let low = number;
    for (const next of imports.get(path) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    lowest.set(path, low);
    if (low === number) {
      const group = open.splice(open.indexOf(path));
      if (group.length > 1 || imports.get(path)?.includes(path)) cycles.push(group);
    }
    return low;
  };

  for (const path of imports.keys()) if (!order.has(path)) visit(path);
  return cycles;
}
