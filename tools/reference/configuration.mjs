import { page, prose } from './markdown.mjs';

/** Units by the ending of a variable's name. Without such an ending, the description names the unit. */
const units = [
  [/_MS$/, 'milliseconds'],
  [/_(TIMEOUT|PERIOD)$/, 'seconds'],
  [/_HOURS$/, 'hours'],
  [/_DAYS$/, 'days'],
];

/**
 * Writes the page of the variables. A paragraph of the file becomes a section, whose title is the text after `## `. A
 * comment describes the variables below it, up to the next comment.
 * @param text the file .env.example
 */
export function configurationPage(text) {
  const [head, ...paragraphs] = text.trimEnd().split(/\n(?=## )/);
  return page(['# Variables', ...headText(head), ...paragraphs.flatMap(section)]);
}

function headText(head) {
  const text = head
    .split('\n')
    .map((line) => line.replace(/^# ?/, ''))
    .join('\n')
    .trim();
  return ['This page is generated from [.env.example](../../.env.example).', explained(text)];
}

function section(paragraph) {
  const [title, ...lines] = paragraph.split('\n');
  const entries = [];
  for (const line of lines) {
    const [, comment] = /^# ?(.*)$/.exec(line) ?? [];
    const [, name, value] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
    const last = entries.at(-1);
    if (comment !== undefined && last && last.variables.length === 0) last.comment.push(comment);
    else if (comment !== undefined) entries.push({ comment: [comment], variables: [] });
    else if (name) last.variables.push({ name, value });
  }
  return [title, ...entries.flatMap(entryText)];
}

function entryText({ comment, variables }) {
  const defaults = variables.map((variable) => `\`${variable.name}\`: ${defaultText(variable)}`);
  return [
    `### ${variables.map(({ name }) => name).join(', ')}`,
    variables.length === 1 ? `Default: ${defaultText(variables[0])}.` : `Defaults: ${defaults.join(' · ')}.`,
    explained(comment.join('\n')),
  ];
}

/** Formats names of variables, and addresses, as code: the addresses are examples and must not become links. */
function explained(text) {
  const named = text.replace(/(?<![`\w])_?[A-Z]{2,}(?:_[A-Z]+)+\b(?!`)/g, '`$&`');
  return prose(named.replace(/\b[a-z]+:\/\/[^\s,;]*[^\s,;.]/g, '`$&`'));
}

function defaultText({ name, value }) {
  const unit = units.find(([pattern]) => pattern.test(name))?.[1];
  if (value === '') return unit === undefined ? 'unset' : `unset (${unit})`;
  return `\`${value}\`${unit === undefined || /[a-z]b$/.test(value) ? '' : ` ${unit}`}`;
}
