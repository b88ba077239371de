import { Tokenizer } from 'htmlparser2';

/** The attributes of a tag by lower-case name. */
export type Attributes = Readonly<Record<string, string>>;

/** Receives the tokens of HTML. Names are in lower case; entities are decoded. */
export interface HtmlListener {
  open(name: string, attributes: Attributes): void;
  close(name: string): void;
  /** Receives text; one text may arrive in several pieces. */
  flow(text: string): void;
}

/** Reads tags, attributes and text of HTML in order; keeping track of open elements is left to the listener. */
export function readHtml(html: string, listener: HtmlListener): void {
  let name = '';
  let attribute = '';
  let value = '';
  let attributes: Record<string, string> = {};
  const slice = (start: number, end: number) => html.slice(start, end);
  const opened = () => listener.open(name, attributes);
  const ignored = () => undefined;
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => listener.flow(slice(start, end)),
      ontextentity: (codePoint) => listener.flow(String.fromCodePoint(codePoint)),
      onopentagname(start, end) {
        name = slice(start, end).toLowerCase();
        attributes = Object.create(null);
      },
      onattribname(start, end) {
        attribute = slice(start, end).toLowerCase();
        value = '';
      },
      onattribdata(start, end) {
        value += slice(start, end);
      },
      onattribentity(codePoint) {
        value += String.fromCodePoint(codePoint);
      },
      onattribend() {
        attributes[attribute] ??= value;
      },
      onopentagend: opened,
      onselfclosingtag: opened,
      onclosetag: (start, end) => listener.close(slice(start, end).trim().toLowerCase()),
      oncdata: ignored,
      oncomment: ignored,
      ondeclaration: ignored,
      onprocessinginstruction: ignored,
      onend: ignored,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
}
