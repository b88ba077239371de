/**
 * Prints the results as Markdown tables.
 * @param {readonly any[]} results
 * @param {Record<string, string | number>} conditions
 */
export function printReport(results, conditions) {
  const { rows, smallRows, rounds, seconds, connections, poolSize, cores } = conditions;
  print(
    `Node ${process.version}, ${cores} cores, ${rows} notifications, ${connections} connections, pool of ${poolSize}; ` +
      `medians of ${rounds} runs of ${seconds} s each.\n`,
  );
  table(
    [
      'case',
      'requests/s',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      'MB',
      'limit/s',
      'p50 ms',
      'p99 ms',
      'CPU ms',
      'of limit',
      'target',
    ],
    results.map(({ case: one, service, limit }) => [
      one.name,
      ...four(service),
      (service.rss / 2 ** 20).toFixed(0),
      ...(limit
        ? [...four(limit), (service.rate / limit.rate).toFixed(2), verdict(service.rate / limit.rate, one.target)]
        : ['', '', '', '', '', '']),
    ]),
  );
  const pairs = results.filter(({ other }) => other);
  if (pairs.length > 0) {
    table(
      ['against another case', 'requests/s', 'other', 'requests/s', 'share', 'target'],
      pairs.map(({ case: { name, against }, service, other }) => {
        const share = service.rate / other.rate;
        const rates = [service.rate.toFixed(0), against.name, other.rate.toFixed(0)];
        return [name, ...rates, share.toFixed(2), verdict(share, against.least)];
      }),
    );
  }
  const written = results.filter(({ plain }) => plain);
  if (written.length > 0) {
    table(
      ['writes against bare `pg` without HTTP', 'rows/s', 'bare rows/s', 'of bare', 'target'],
      written.map(({ case: one, service, plain }) => [
        one.name,
        (service.rate * one.rows).toFixed(0),
        (plain.rate * one.rows).toFixed(0),
        (service.rate / plain.rate).toFixed(2),
        verdict(service.rate / plain.rate, one.target),
      ]),
    );
  }
  const indexed = results.filter(({ unindexed }) => unindexed);
  if (indexed.length > 0) {
    table(
      ['creates with the index of texts', 'rows/s', 'without', 'share', 'target'],
      indexed.map(({ case: one, service, unindexed }) => [
        one.name,
        (service.rate * one.rows).toFixed(0),
        (unindexed.rate * one.rows).toFixed(0),
        (service.rate / unindexed.rate).toFixed(2),
        verdict(service.rate / unindexed.rate, 0.75),
      ]),
    );
  }
  const compared = results.filter(({ small }) => small);
  if (compared.length > 0) {
    table(
      ['p99 by size', `${smallRows} rows, ms`, `${rows} rows, ms`, 'ratio', 'at most'],
      compared.map(({ case: one, service, small }) => {
        const ratio = service.p99 / small.p99;
        return [one.name, ms(small.p99), ms(service.p99), ratio.toFixed(2), ratio <= 1.5 ? '1.5' : '**1.5**'];
      }),
    );
  }
  const rss = Math.max(...results.map(({ service }) => service.rss)) / 2 ** 20;
  print(`Most memory of the service under load: ${rss.toFixed(0)} MB (${rss < 250 ? 'below' : '**not below**'} 250).`);
}

function four({ rate, p50, p99, cpuMs }) {
  return [rate.toFixed(0), ms(p50), ms(p99), cpuMs.toFixed(3)];
}

function ms(value) {
  return value.toFixed(1);
}

function verdict(ratio, target) {
  if (target === undefined) return '';
  return ratio >= target ? String(target) : `**${target}**`;
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column].length)));
  const line = (row) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  print([line(head), rule, ...rows.map(line), ''].join('\n'));
}

/** @param {string} text */
export function print(text) {
  process.stdout.write(`${text}\n`);
}
