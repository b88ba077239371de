// Reads the code blocks of a page according to the rules in CONTRIBUTING.md.
import { readFileSync } from 'node:fs';
import MarkdownIt, { type Token } from 'markdown-it';

/** How a block is tested. `part`: it is run together with a later block; `fault`: it breaks the rules. */
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
  /** The line on which its text begins, from 1. */
  readonly line: number;
  /** The heading that it is under, with its line. */
  readonly section: string;
  /** Whether it keeps running while the next blocks run. */
  readonly isBackground: boolean;
  /** Whether only its types are checked. */
  readonly isOnlyChecked: boolean;
  /** TypeScript declarations of names that the reader's own code defines, for the check of types. */
  readonly declarations: string;
  /** The block that shows its expected output. */
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
/** Languages of blocks that are not run: data, and programs that no tool of the tests can run. */
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

/** Joins the blocks of one program, those under the same heading. They run as one, at the position of the last. */
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
  if (!['', 'check', 'background'].includes(flag)) return fault(`"${flag}" is not a flag of the rules`);
  if (name !== undefined) return { treatment: 'file', reason: '' };
  if (unrun.has(language)) return { treatment: 'listed', reason: `${language} is not run` };
  return treatment === undefined ? fault(`no rule for the language "${language}"`) : { treatment, reason: '' };
}

/** The text of a comment `<!-- ts … -->`. */
function declarationsIn(token: Token | undefined): string {
  if (token?.type !== 'html_block') return '';
  return /^<!--\s*ts\s([\s\S]*?)-->/.exec(token.content)?.[1] ?? '';
}
