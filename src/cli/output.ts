/** Prints a line on standard output. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Prints a remark that is not part of the result, on standard error. */
export function remark(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Prints a value for scripts. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, process.stdout.isTTY ? 2 : undefined));
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Prints rows as JSON, or as a table. `columns` maps the fields of the table to their titles.
 * @param empty printed instead of a table without rows, on standard error
 */
export function printRows(
  rows: readonly Row[],
  { columns, isJson, empty }: { readonly columns: Record<string, string>; readonly isJson: boolean; empty: string },
): void {
  if (isJson) {
    printJson(rows);
    return;
  }
  if (rows.length === 0) {
    remark(empty);
    return;
  }
  const lines = [Object.values(columns), ...rows.map((row) => Object.keys(columns).map((field) => cellOf(row[field])))];
  const widths = Object.keys(columns).map((_, index) =>
    Math.max(...lines.map((line) => [...(line[index] ?? '')].length)),
  );
  for (const line of lines) {
    const cells = line.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - [...cell].length));
    print(cells.join('  ').trimEnd());
  }
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '-';
  return plain(typeof value === 'object' ? JSON.stringify(value) : String(value));
}

/** Removes characters that control a terminal from text of users, and puts it on one line. */
export function plain(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').replaceAll(/[\p{Cc}\p{Cf}]/gu, '');
}

/** A number of bytes as people read it, such as `1.5 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(Math.floor(Math.log10(bytes) / 3), units.length);
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

/** A number of things, such as `1 user` or `2 users`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
