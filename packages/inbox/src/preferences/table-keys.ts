const steps: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Arrow keys move to the control of the same kind in the next row or column that has one, beside Tab. */
export function moveInTable(event: KeyboardEvent): void {
  const step = steps[event.key];
  const { target } = event;
  if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (!(target instanceof HTMLElement)) return;
  const cell = target.closest('td');
  const row = cell?.closest('tr');
  const table = row?.closest('table');
  if (!cell || !row || !table) return;
  const [down, right] = step;
  const isLeftToRight = getComputedStyle(table).direction === 'ltr';
  const kind = target.matches('.why') ? '.why' : 'input';
  const rows = [...table.rows];
  let rowIndex = row.rowIndex + down;
  let cellIndex = cell.cellIndex + (isLeftToRight ? right : -right);
  for (;;) {
    const next = rows[rowIndex]?.cells[cellIndex];
    if (next === undefined) return;
    const control =
      next.querySelector<HTMLElement>(`${kind}:enabled`) ?? next.querySelector<HTMLElement>('input:enabled, button');
    if (control !== null) {
      event.preventDefault();
      control.focus();
      return;
    }
    rowIndex += down;
    cellIndex += isLeftToRight ? right : -right;
  }
}
