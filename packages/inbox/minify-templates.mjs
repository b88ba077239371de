// Minifies what templates contain, as esbuild leaves strings as they are: style sheets are minified, and in markup each run
// of white space with a line break becomes one space.
import { parse } from '@swc/core';
import { transform } from 'esbuild';

/** @param {string} source a module in TypeScript @returns {Promise<string>} the module with minified templates */
export async function minifyTemplates(source) {
  if (!/\b(css|html|svg)`/.test(source)) return source;
  // Positions are bytes, counted from the first statement; an empty one makes that the start of the file.
  const padded = Buffer.from(`;${source}`);
  const { body } = await parse(padded.toString(), { syntax: 'typescript', target: 'es2022' });
  const start = body[0].span.start;
  const edits = templatesIn(body).flatMap(({ tag, template: { quasis } }) =>
    quasis.map(({ raw, span }) => ({
      from: span.start - start,
      to: span.end - start,
      text: tag.value === 'css' && quasis.length === 1 ? minifyCss(raw) : raw.replace(/\s*\n\s*/g, ' '),
    })),
  );
  const parts = [];
  let at = 1;
  for (const { from, to, text } of edits.sort((one, other) => one.from - other.from)) {
    parts.push(padded.subarray(at, from), Buffer.from(await text));
    at = to;
  }
  return Buffer.concat([...parts, padded.subarray(at)]).toString();
}

async function minifyCss(text) {
  const { code } = await transform(text, { loader: 'css', minify: true, charset: 'utf8', logLevel: 'silent' });
  return code.trim();
}

/** The templates of these tags, also those within others. */
function templatesIn(syntax) {
  if (typeof syntax !== 'object' || syntax === null) return [];
  const inner = Object.values(syntax).flatMap(templatesIn);
  return syntax.type === 'TaggedTemplateExpression' && ['css', 'html', 'svg'].includes(syntax.tag.value)
    ? [syntax, ...inner]
    : inner;
}
