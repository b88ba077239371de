import { blocks, containers, invisible, items, lines, lists } from './html-elements.ts';
import { type Attributes, type HtmlListener, readHtml } from './html-tokens.ts';
import { readableAddress } from './markdown-reader.ts';
import { TextWriter } from './text-writer.ts';

interface Container {
  readonly name: string;
  readonly isIndented: boolean;
  /**
   * For a list: the number of the next item, whether numbers are shown, and the number of containers around the open
   * item.
   */
  readonly list?: { next: number; readonly isOrdered: boolean; item: number | undefined };
  /** For a table: the number of cells in the row, and whether the table is only for layout. */
  readonly table?: { cells: number; readonly isLayout: boolean };
}

/**
 * Converts elements and text to plain text as they arrive: blocks are separated by empty lines, a link is followed by
 * its address, an image is replaced by its description, table cells are separated by ` | `. Elements that are never
 * closed, or closed twice, cause no error. Takes linear time for any nesting.
 */
export class HtmlText implements HtmlListener {
  readonly writer = new TextWriter();
  readonly #containers: Container[] = [];
  readonly #open = new Map<string, number>();
  readonly #lists: NonNullable<Container['list']>[] = [];
  readonly #tables: NonNullable<Container['table']>[] = [];
  #link: { readonly href: string; text: string } | undefined;
  #isPreStart = false;
  #isBlankDropped = false;
  #invisible: { readonly name: string; depth: number } | undefined;

  /** Adds a complete fragment of HTML; elements it leaves open stay open. */
  html(fragment: string): void {
    const { hasPendingBreaks } = this.writer;
    readHtml(fragment, this);
    // Blanks next to an HTML block are not part of the text, as within HTML.
    if (hasPendingBreaks || !this.writer.hasPendingBreaks) return;
    this.writer.trimEnd();
    this.#isBlankDropped = true;
  }

  open(name: string, attributes: Attributes = {}): void {
    if (this.#invisible !== undefined) {
      if (this.#invisible.name === name) this.#invisible.depth += 1;
      return;
    }
    if (invisible.has(name)) this.#invisible = { name, depth: 1 };
    else if (items.has(name)) this.#openItem(name, attributes);
    else if (name === 'tr' || name === 'td' || name === 'th') this.#openPartOfTable(name);
    else this.#openOther(name, attributes);
  }

  close(name: string): void {
    if (this.#invisible !== undefined) {
      if (this.#invisible.name === name) this.#invisible.depth -= 1;
      if (this.#invisible.depth === 0) this.#invisible = undefined;
    } else if (name === 'a') {
      this.#endLink();
    } else if (name === 'tr') {
      this.writer.endRow();
    } else if (!containers.has(name)) {
      this.#separate(name);
    } else if ((this.#open.get(name) ?? 0) > 0) {
      while (this.#closeInnermost() !== name);
    }
  }

  /** Adds text with collapsed blanks, unless it is preformatted. */
  flow(text: string): void {
    if (this.#invisible !== undefined) return;
    if (this.#link !== undefined) this.#link.text += text;
    if ((this.#open.get('pre') ?? 0) > 0) this.#preformatted(text);
    else this.writer.flow(text);
  }

  /** Adds text with its blanks and line breaks. */
  text(text: string): void {
    if (this.#invisible !== undefined) return;
    const shown = this.#isBlankDropped ? text.replace(/^ +/, '') : text;
    this.#isBlankDropped = false;
    if (this.#link !== undefined) this.#link.text += shown;
    this.writer.text(shown);
  }

  /** Shows text again after an unclosed element that hides its content. */
  reveal(): void {
    this.#invisible = undefined;
  }

  /** Closes all elements and returns the text. */
  end(): string {
    this.reveal();
    this.#endLink();
    while (this.#containers.length > 0) this.#closeInnermost();
    return this.writer.toString();
  }

  /** Drops the line break after the opening tag. Trailing ones stay pending, and vanish at the end of the text. */
  #preformatted(text: string): void {
    const start = this.#isPreStart && text.startsWith('\n') ? 1 : 0;
    this.#isPreStart = false;
    let end = text.length;
    while (end > start && text[end - 1] === '\n') end -= 1;
    this.writer.text(text.slice(start, end));
    for (let breaks = text.length - end; breaks > 0; breaks -= 1) this.writer.lineBreak();
  }

  #openOther(name: string, attributes: Attributes): void {
    this.#separate(name);
    if (name === 'br') this.writer.lineBreak();
    else if (name === 'a') this.#startLink(attributes['href']);
    else if (name === 'img') this.flow(attributes['alt'] ?? attributes['title'] ?? '');
    else if (name === 'hr') this.#rule();
    else if (lists.has(name)) this.#openList(name, attributes);
    else if (name === 'blockquote') this.#enter({ name, isIndented: true }, '> ');
    else if (name === 'pre') {
      this.#isPreStart = true;
      this.#enter({ name, isIndented: false });
    } else if (name === 'table') {
      const table = { cells: 0, isLayout: /^(presentation|none)$/i.test(attributes['role'] ?? '') };
      this.#tables.push(table);
      this.#enter({ name, isIndented: false, table });
    }
  }

  #rule(): void {
    this.writer.text('---');
    this.#separate('hr');
  }

  #openList(name: string, attributes: Attributes): void {
    const list = { next: wholeNumber(attributes['start']) ?? 1, isOrdered: name === 'ol', item: undefined };
    // A list directly inside a list is still one level deeper.
    const isBesideItems = this.#containers.at(-1)?.list !== undefined;
    this.#lists.push(list);
    this.#enter({ name, isIndented: isBesideItems, list }, isBesideItems ? '  ' : undefined);
  }

  #openItem(name: string, attributes: Attributes): void {
    const list = this.#lists.at(-1);
    // An item ends the previous one, which HTML does not require to be closed.
    if (list?.item !== undefined) while (this.#containers.length > list.item) this.#closeInnermost();
    if (list !== undefined) list.item = this.#containers.length;
    this.#separate(name);
    if (name === 'dt') this.#enter({ name, isIndented: false });
    else if (name === 'dd') this.#enter({ name, isIndented: true }, '  ');
    else this.#enter({ name, isIndented: true }, list === undefined ? '- ' : markerOf(list, attributes['value']));
  }

  #openPartOfTable(name: string): void {
    const table = this.#tables.at(-1);
    if (name === 'tr') {
      if (table !== undefined) table.cells = 0;
      this.writer.startRow();
    } else if (table === undefined || table.isLayout) {
      this.writer.separate(1);
    } else {
      if (table.cells > 0) this.writer.nextCell();
      table.cells += 1;
    }
  }

  #enter(container: Container, first?: string): void {
    this.#containers.push(container);
    this.#open.set(container.name, (this.#open.get(container.name) ?? 0) + 1);
    if (first !== undefined) this.writer.indent(first, first === '> ' ? first : ' '.repeat(first.length));
  }

  #closeInnermost(): string | undefined {
    const container = this.#containers.pop();
    if (container === undefined) return undefined;
    const { name, isIndented, list, table } = container;
    this.#open.set(name, (this.#open.get(name) ?? 1) - 1);
    if (list !== undefined) this.#lists.pop();
    if (table !== undefined) this.#tables.pop();
    if (name === 'li') {
      const outer = this.#lists.at(-1);
      if (outer?.item === this.#containers.length) outer.item = undefined;
      this.writer.showEmpty();
    }
    if (isIndented) this.writer.outdent();
    this.#separate(name);
    return name;
  }

  #separate(name: string): void {
    const isInner = (lists.has(name) && this.#lists.length > 0) || (name === 'table' && this.#tables.length > 0);
    if (blocks.has(name)) this.writer.separate(isInner ? 1 : 2);
    else if (lines.has(name)) this.writer.separate(1);
  }

  #startLink(href = ''): void {
    this.#endLink();
    this.#link = { href: href.trim(), text: '' };
  }

  /** Adds ` (address)`, unless the link text is the address or the address is useless in plain text. */
  #endLink(): void {
    if (this.#link === undefined) return;
    const { href } = this.#link;
    const text = this.#link.text.replace(/\s+/g, ' ').trim();
    this.#link = undefined;
    const address = href.replace(/^mailto:([^?]*).*$/is, '$1');
    if (address === '' || /^(#|(javascript|data|vbscript):)/i.test(address)) return;
    if (text === '') this.writer.flow(address);
    else if (![href, address, readableAddress(address)].includes(text)) this.writer.append(` (${address})`);
  }
}

function markerOf(list: NonNullable<Container['list']>, value: string | undefined): string {
  if (!list.isOrdered) return '- ';
  const number = wholeNumber(value) ?? list.next;
  list.next = number + 1;
  return `${number}. `;
}

function wholeNumber(text = ''): number | undefined {
  return /^\s*[+-]?\d{1,9}\s*$/.test(text) ? Number(text) : undefined;
}
