import { type Category, type Cell, type Channel, channels, type Template } from './data.ts';

/** A template with its cells. */
export interface Row {
  readonly template: Template;
  readonly cells: ReadonlyMap<Channel, Cell>;
}

/** The templates of a category, or those without one that have the same group. */
export interface Group {
  readonly key: string;
  /** Null: neither category nor group. */
  readonly name: string | null;
  readonly category: Category | null;
  /** The cells of the category itself, which also count for templates to come. */
  readonly cells: ReadonlyMap<Channel, Cell>;
  readonly rows: readonly Row[];
}

/** The cells as a table: a column for each channel, and rows in groups. */
export interface Sheet {
  readonly channels: readonly Channel[];
  readonly groups: readonly Group[];
  /** E-mails about notifications without a template. */
  readonly mails: Cell | undefined;
}

/** Identifies a cell among those of a user. */
export function keyOf({ category, template, channel }: Pick<Cell, 'category' | 'template' | 'channel'>): string {
  if (template !== null) return `template ${template.id} ${channel}`;
  return category === null ? `channel ${channel}` : `category ${category.key} ${channel}`;
}

/** The key of the group that the row of a cell is in. */
export function groupKeyOf({ category, template }: Pick<Cell, 'category' | 'template'>): string {
  return category === null ? `group ${template?.group ?? ''}` : `category ${category.key}`;
}

/** Arranges the cells. Categories come first, then groups; both and their rows are sorted by name. */
export function arrange(cells: readonly Cell[], compare: (a: string, b: string) => number): Sheet {
  const groups = new Map<string, { name: string | null; category: Category | null; own: Cell[]; rows: Cell[] }>();
  const groupOf = (cell: Cell) => {
    const { category, template } = cell;
    const key = groupKeyOf(cell);
    const name = category === null ? (template?.group ?? null) : category.name;
    const found = groups.get(key) ?? { name, category, own: [], rows: [] };
    groups.set(key, found);
    return found;
  };
  const shown = new Set<Channel>();
  let mails: Cell | undefined;
  for (const cell of cells) {
    if (cell.template !== null) groupOf(cell).rows.push(cell);
    else if (cell.category !== null) groupOf(cell).own.push(cell);
    else if (cell.channel === 'smtp') mails = cell;
    else continue;
    shown.add(cell.channel);
  }
  const order = ({ category, name }: { category: Category | null; name: string | null }) =>
    category === null ? (name === null ? 2 : 1) : 0;
  return {
    mails,
    channels: channels.filter((channel) => shown.has(channel)),
    groups: [...groups]
      .sort(([, a], [, b]) => order(a) - order(b) || compare(a.name ?? '', b.name ?? ''))
      .map(([key, { name, category, own, rows }]) => ({
        ...{ key, name, category },
        cells: new Map(own.map((cell) => [cell.channel, cell])),
        rows: rowsOf(rows).sort((a, b) => compare(a.template.name, b.template.name)),
      })),
  };
}

function rowsOf(cells: readonly Cell[]): Row[] {
  const rows = new Map<string, { readonly template: Template; readonly cells: Map<Channel, Cell> }>();
  for (const cell of cells) {
    if (cell.template === null) continue;
    const row = rows.get(cell.template.id) ?? { template: cell.template, cells: new Map() };
    rows.set(cell.template.id, row);
    row.cells.set(cell.channel, cell);
  }
  return [...rows.values()];
}

/** Whether all, some or none of the cells are on. */
export type Extent = 'all' | 'some' | 'none';

export function extentOf(cells: readonly Pick<Cell, 'on'>[]): Extent {
  const count = cells.filter(({ on }) => on).length;
  if (count === 0) return 'none';
  return count === cells.length ? 'all' : 'some';
}

/** The cells that the switch of a group stands for: those of its rows, or its own while it has none. */
export function cellsOfGroup({ rows, cells }: Group, channel: Channel): readonly Cell[] {
  const ofRows = rows.flatMap((row) => row.cells.get(channel) ?? []);
  if (rows.length > 0) return ofRows;
  const own = cells.get(channel);
  return own === undefined ? [] : [own];
}
