// Reads the code blocks of a page, by the rules in CONTRIBUTING.md.
import { readFileSync } from 'node:fs';
import MarkdownIt, { type Token } from 'markdown-it';

/** What becomes of a block. `part`: it is run with a later one; `fault`: nothing says what. */
export type Treatment =
  | 'shell'
  | 'transcript'
  | 'script'
  | 'program'
  | 'part'
  | 'file'
  | 'operation'
  | 'data'
  | 'output'
  | 'listed'
  | 'fault';

/** A code block of a page. */
export interface Block {
  readonly treatment: Treatment;
  readonly language: string;
  /** The name in brackets after the language. */
  readonly name: string | undefined;
  readonly text: string;
  /** The line of its text, from 1. */
  readonly line: number;
  /** The heading that it is under, with its line. */
  readonly section: string;
  /** Whether it keeps running beside the blocks after it. */
  readonly isBackground: boolean;
  /** Whether only its types are checked. */
  readonly isOnlyChecked: boolean;
  /** What the reader has, for the check of types. */
  readonly declarations: string;
  /** The block with what it prints. */
  readonly output: Block | undefined;
  /** Why it is not run, or what is wrong with it. */
  readonly reason: string;
}

/** A page with code blocks. */
export interface Page {
  readonly file: string;
  readonly blocks: readonly Block[];
}

const treatments: Readonly<Record<string, Treatment>> = {
  sh: 'shell',
  bash: 'shell',
  console: 'transcript',
  python: 'script',
  js: 'script',
  ts: 'program',
  graphql: 'operation',
  json: 'data',
};
/** Languages that nothing here can run, and data. */
const unrun = new Set([
  'text',
  'yaml',
  'go',
  'html',
  'css',
  'ini',
  'nginx',
  'sql',
  'toml',
  'dockerfile',
  'http',
  'vue',
]);
const runnable: ReadonlySet<Treatment> = new Set(['shell', 'script', 'program', 'operation']);

/** Reads a page. @param file its path */
export function readPage(file: string): Page {
  const tokens = new MarkdownIt({ html: true }).parse(readFileSync(file, 'utf8'), {});
  const blocks: Block[] = [];
  let section = '';
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'heading_open') section = `${tokens[index + 1]?.content} (${token.map?.[0]})`;
    if (token.type !== 'fence') continue;
    const previous = blocks.at(-1);
    const block = blockOf(token, section, declarationsIn(tokens[index - 1]));
    const isOutput = previous !== undefined && tokens[index - 1]?.type === 'fence' && mayFollow(previous, block);
    if (!isOutput) blocks.push(block);
    else blocks.splice(-1, 1, { ...previous, output: { ...block, treatment: 'output' } });
  }
  return { file, blocks: blocks.map((block) => joined(block, blocks)) };
}

/** A program is what all its blocks say: those under one heading are run, or checked, as one where the last stands. */
function joined(block: Block, blocks: readonly Block[]): Block {
  if (block.treatment !== 'program') return block;
  const parts = blocks.filter(({ treatment, section }) => treatment === 'program' && section === block.section);
  if (parts.at(-1) !== block) return { ...block, treatment: 'part' };
  return {
    ...block,
    text: parts.map(({ text }) => text).join('\n'),
    declarations: parts.map(({ declarations }) => declarations).join('\n'),
    isOnlyChecked: parts.some(({ isOnlyChecked }) => isOnlyChecked),
  };
}

function mayFollow(previous: Block, block: Block): boolean {
  if (!runnable.has(previous.treatment) || previous.isOnlyChecked || previous.output) return false;
  return ['json', 'text'].includes(block.language) && block.reason !== 'no-run';
}

function blockOf(token: Token, section: string, declarations: string): Block {
  const [, language = '', name, flags = ''] = /^(\S*)(?:\s+\[([^\]]+)\])?\s*(.*)$/.exec(token.info.trim()) ?? [];
  const [flag = '', ...words] = flags.split(/\s+/);
  return {
    ...treatmentOf(language, name, flag, words.join(' ')),
    language,
    name,
    text: token.content,
    line: (token.map?.[0] ?? 0) + 2,
    section,
    isBackground: flag === 'background',
    isOnlyChecked: flag === 'check',
    declarations,
    output: undefined,
  };
}

function treatmentOf(
  language: string,
  name: string | undefined,
  flag: string,
  reason: string,
): Pick<Block, 'treatment' | 'reason'> {
  const treatment = treatments[language];
  const fault = (text: string) => ({ treatment: 'fault', reason: text }) as const;
  if (language === '') return fault('a block needs a language');
  if (flag === 'no-run') return reason === '' ? fault('no-run needs a reason') : { treatment: 'listed', reason };
  if (flag === 'check' && treatment !== 'program') return fault('only ts can be checked');
  if (flag === 'background' && treatment !== 'shell') return fault('only sh and bash run in the background');
  if (!['', 'check', 'background'].includes(flag)) return fault(`"${flag}" is no word of the rules`);
  if (name !== undefined) return { treatment: 'file', reason: '' };
  if (unrun.has(language)) return { treatment: 'listed', reason: `${language} is not run` };
  return treatment === undefined ? fault(`no rule for the language "${language}"`) : { treatment, reason: '' };
}

/** The text of a comment `<!-- ts … -->`. */
function declarationsIn(token: Token | undefined): string {
  if (token?.type !== 'html_block') return '';
  return /^<!--\s*ts\s([\s\S]*?)-->/.exec(token.content)?.[1] ?? '';
}
