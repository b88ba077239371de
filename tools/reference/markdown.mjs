/** Escapes text for Markdown, so that nothing in it is HTML or a Vue expression; parts in backticks remain code. */
export function prose(text) {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : escapeText(part)))
    .join('');
}

function escapeText(text) {
  return text.replace(/[<>]/g, (sign) => (sign === '<' ? '&lt;' : '&gt;')).replaceAll('{{', '&#123;&#123;');
}

/** A table, or nothing if it has no rows. Cells are Markdown in one line. */
export function table(head, rows) {
  if (rows.length === 0) return '';
  const line = (cells) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replace(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** Joins the parts that are not empty, with an empty line between them. */
export function page(parts) {
  return `${parts.filter((part) => part !== '' && part !== undefined).join('\n\n')}\n`;
}
