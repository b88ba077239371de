/** Levels of quotes and lists whose indentation is shown: a hostile text must not grow with its depth times its lines. */
const deepestIndentation = 20;

const separator = ' | ';

/** A quote or a list item: what its first line begins with, and all further lines. */
interface Level {
  readonly first: string;
  /** What lines of the enclosing level begin with. */
  readonly outer: string;
  readonly rest: string;
}

/**
 * Writes plain text line by line: blocks apart from each other, quotes and items indented. Line breaks between blocks
 * are written with the text that follows them, so none are left at the beginning or the end.
 */
export class TextWriter {
  readonly #parts: string[] = [];
  readonly #levels: Level[] = [];
  /** How many of the innermost levels have no line yet. */
  #fresh = 0;
  #breaks = 0;
  #isSpaced = false;
  #isLineStart = true;
  #separators = '';
  #rowStart = 0;

  /** Text as it is: spaces and line breaks stay. */
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

  /** Text of HTML: blanks and line breaks are one space, or none at the edges of a line. */
  flow(text: string): void {
    const words = text.replace(/[ \t\n\r\f]+/g, ' ');
    if (words.startsWith(' ')) this.#isSpaced = true;
    const inner = words.replace(/^ | $/g, '');
    if (inner === '') return;
    this.text(inner);
    this.#isSpaced = words.endsWith(' ');
  }

  /** A line break that has no effect at the beginning and the end of the text. */
  lineBreak(): void {
    this.#breaks += 1;
  }

  /** Whether line breaks are due before the next text. */
  get isBroken(): boolean {
    return this.#breaks > 0;
  }

  /** Parts what follows from what was written: 1 begins a new line, 2 leaves an empty line between. */
  separate(breaks: 1 | 2): void {
    // A block that begins a cell stays in the line of its row.
    if (this.#separators !== '' && this.#parts.length > this.#rowStart) return;
    this.#breaks = Math.max(this.#breaks, breaks);
  }

  /** Begins a quote or an item; the first line of it begins with `first`, all others with `rest`. */
  indent(first: string, rest: string): void {
    const outer = this.#levels.at(-1)?.rest ?? '';
    this.#levels.push({ first, outer, rest: this.#levels.length < deepestIndentation ? outer + rest : outer });
    this.#fresh += 1;
  }

  outdent(): void {
    this.#levels.pop();
    this.#fresh = Math.max(this.#fresh - 1, 0);
  }

  /** Shows the beginning of the innermost level when nothing was written in it. */
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

  /** What follows stands in the same line, behind a separator. */
  nextCell(): void {
    if (this.#parts.length > this.#rowStart) this.#breaks = 0;
    this.#isSpaced = false;
    this.#separators += separator;
  }

  endRow(): void {
    this.#separators = '';
    this.separate(1);
  }

  /** Adds to what was written last, whatever was meant to part it from what follows. */
  append(text: string): void {
    this.#parts.push(text);
  }

  /** Takes the blanks away that were written last. */
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
    // A quote goes on through an empty line.
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
