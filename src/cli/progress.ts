import { sizeText } from './output.ts';

/** A line on the terminal that is replaced as the work proceeds. */
export interface Progress {
  show(done: number, total?: number): void;
  clear(): void;
}

const intervalMs = 200;

/**
 * Shows progress on standard error if that is a terminal.
 * @param verb such as `copied`, printed after the number of bytes
 */
export function showProgress(verb: string, isWanted: boolean): Progress {
  const { stderr } = process;
  const isShown = isWanted && stderr.isTTY;
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(done, total) {
      if (!isShown || performance.now() - shownAt < intervalMs) return;
      shownAt = performance.now();
      stderr.write(`\r\x1b[K${sizeText(done)} ${verb}${total === undefined ? '' : ` of about ${sizeText(total)}`}`);
    },
    clear() {
      if (shownAt > 0) stderr.write('\r\x1b[K');
      shownAt = Number.NEGATIVE_INFINITY;
    },
  };
}
