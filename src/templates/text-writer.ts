/**
 * Maximum levels of quotes and lists that are indented: the output of hostile text must not grow with its depth times
 * its number of lines.
 */
const maxIndentation = 20;

const separator = ' | ';

/** A quote or list item: the prefix of its first line and of further lines. */
interface Level {
  readonly first: string;
  /** The prefix of the enclosing level's lines. */
  readonly outer: string;
  readonly rest: string;
}

/**
 * Writes plain text line by line: separates blocks, and indents quotes and list items. Line breaks between blocks are
 * written with the text that follows, so there are none at the start or end.
 */
export class TextWriter {
  readonly #parts: string[] = [];
  readonly #levels: Level[] = [];
  /** Number of innermost levels that contain no line yet. */
  #fresh = 0;
  #breaks = 0;
  #isSpaced = false;
  #isLineStart = true;
  #separators = '';
  #rowStart = 0;

  /** Adds text with its spaces and line breaks. */
  text(text: string): void {
    if (text === '') return;
    this.#begin();
    const [first = '', ...lines] = text.split('\n');
    this.#line(first);
    for (const line of lines) {
      this.#newLine();
      this.#line(line);
    }
  }

  /** Adds text of HTML: blanks and line breaks collapse to one space, or to none at the ends of a line. */
  flow(text: string): void {
    const words = text.replace(/[ \t\n\r\f]+/g, ' ');
    if (words.startsWith(' ')) this.#isSpaced = true;
    const inner = words.replace(/^ | $/g, '');
    if (inner === '') return;
    this.text(inner);
    this.#isSpaced = words.endsWith(' ');
  }

  /** Adds a line break, which has no effect at the start and end of the text. */
  lineBreak(): void {
    this.#breaks += 1;
  }

  /** Whether line breaks are due before the next text. */
  get hasPendingBreaks(): boolean {
    return this.#breaks > 0;
  }

  /** Separates the following text: 1 starts a new line, 2 also adds an empty line. */
  separate(breaks: 1 | 2): void {
    // A block at the start of a cell stays in the line of its row.
    if (this.#separators !== '' && this.#parts.length > this.#rowStart) return;
    this.#breaks = Math.max(this.#breaks, breaks);
  }

  /** Starts a quote or list item; its first line has the prefix `first`, further lines `rest`. */
  indent(first: string, rest: string): void {
    const outer = this.#levels.at(-1)?.rest ?? '';
    this.#levels.push({ first, outer, rest: this.#levels.length < maxIndentation ? outer + rest : outer });
    this.#fresh += 1;
  }

  outdent(): void {
    this.#levels.pop();
    this.#fresh = Math.max(this.#fresh - 1, 0);
  }

  /** Writes the prefix of the innermost level if it is empty. */
  showEmpty(): void {
    if (this.#fresh === 0) return;
    this.#begin();
    this.#parts.push(this.#startLine().trimEnd());
    this.#isLineStart = false;
  }

  startRow(): void {
    this.endRow();
    this.#rowStart = this.#parts.length;
  }

  /** Starts the next cell: continues in the same line after a separator. */
  nextCell(): void {
    if (this.#parts.length > this.#rowStart) this.#breaks = 0;
    this.#isSpaced = false;
    this.#separators += separator;
  }

  endRow(): void {
    this.#separators = '';
    this.separate(1);
  }

  /** Appends to the last text, before any pending separation. */
  append(text: string): void {
    this.#parts.push(text);
  }

  /** Removes trailing blanks. */
  trimEnd(): void {
    const last = this.#parts.length - 1;
    const text = this.#parts[last] ?? '';
    let end = text.length;
    while (text[end - 1] === ' ') end -= 1;
    if (end < text.length) this.#parts[last] = text.slice(0, end);
  }

  toString(): string {
    return this.#parts.join('');
  }

  #begin(): void {
    if (this.#parts.length > 0) for (; this.#breaks > 0; this.#breaks -= 1) this.#newLine();
    this.#breaks = 0;
    const separators = this.#separators;
    const space = this.#isSpaced && !this.#isLineStart ? ' ' : '';
    this.#separators = '';
    this.#isSpaced = false;
    this.#line(separators === '' ? space : this.#isLineStart ? separators.trimStart() : separators);
  }

  #line(text: string): void {
    if (text === '') return;
    if (this.#isLineStart) {
      const start = this.#startLine();
      if (start !== '') this.#parts.push(start);
      this.#isLineStart = false;
    }
    this.#parts.push(text);
  }

  #newLine(): void {
    // A quote continues through an empty line.
    if (this.#isLineStart)
      this.#parts.push((this.#levels[this.#levels.length - this.#fresh - 1]?.rest ?? '').trimEnd());
    this.#parts.push('\n');
    this.#isLineStart = true;
  }

  #startLine(): string {
    if (this.#fresh === 0) return this.#levels.at(-1)?.rest ?? '';
    const fresh = this.#levels.slice(-this.#fresh);
    this.#fresh = 0;
    return (fresh[0]?.outer ?? '') + fresh.map(({ first }) => first).join('');
  }
}
