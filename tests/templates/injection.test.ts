import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { markdownToPlain } from '../../src/templates/plain-text.ts';
import { renderActions, renderTemplate } from '../../src/templates/render.ts';
import { aPayload, helpers } from './cases.ts';

const payloadOf = (value: string) =>
  aPayload({ user_name: value, labels: { x: value }, data: { list: [{ x: value }] } });

function render(body_template: string, value: string) {
  return renderTemplate({ id: 'test', title_template: '{{ labels.x }}', body_template }, payloadOf(value), helpers);
}

/** Positions of values in templates, with the plain text around them. */
const positions: readonly (readonly [string, (value: string) => string])[] = [
  ['{{ labels.x }}', (value) => value],
  ['By {{ user_name }}.', (value) => `By ${value}.`],
  ['# {{ user_username }}\n\n{{ labels.x }} ends', (value) => `ada\n\n${value} ends`],
  ['[label]{{ labels.x }}', (value) => `[label]${value}`],
  ['{{ labels.x }}[label](https://ours.example.com)', (value) => `${value}label (https://ours.example.com)`],
  ['{{ labels.x }}{{ labels.x }}', (value) => value + value],
  ['text\n{{ labels.x }}', (value) => `text\n${value}`],
];

/** Pieces of text with a meaning in Markdown, HTML or Liquid. */
const pieces = [
  ...['*', '**', '_', '__', '`', '``', '```', '~~', '#', '## ', '-', '- ', '+ ', '1. ', '1)', '>', '> ', '---', '==='],
  ...['[a](https://evil.example.com)', '![a](x)', '[a]: https://evil.example.com', '<https://evil.example.com>', '('],
  ...[
    '<script>alert(1)</script>',
    '<b>',
    '</b>',
    '<!--',
    '&lt;',
    '&#60;',
    '&',
    '\\',
    '|',
    '| a |\n|---|',
    ':-:',
    '!',
    '"',
  ],
  ...[
    '{{ base_url }}',
    '{% raw %}',
    '{%',
    '}}',
    '\n',
    '\n\n',
    '    ',
    '\t',
    ' ',
    'a',
    'b c',
    'ä',
    '𝒳',
    '\u00a0',
    '\u2028',
  ],
];
const nasty = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'grapheme', maxLength: 4 })), {
  maxLength: 12,
});
const values = nasty.map((parts) =>
  // Markdown parsers replace NUL; the store contains none.
  parts.join('').replaceAll('\0', '').replace(/\r\n?/g, '\n'),
);
const harmless = new Set([
  'inline',
  'paragraph_open',
  'paragraph_close',
  'text',
  'text_special',
  'hardbreak',
  'softbreak',
]);

describe('a value from a user', () => {
  it.each(positions)('a value from a user appears in plain text as typed: %j', (template, expected) => {
    fc.assert(
      fc.property(values, (value) => {
        fc.pre(value !== '');
        expect(render(template, value).bodyPlain).toBe(expected(value));
      }),
      { numRuns: 300 },
    );
  });

  it('a value from a user has no effect in Markdown, even with HTML enabled', () => {
    const parsers = [new MarkdownIt({ html: true }), new MarkdownIt('commonmark'), new MarkdownIt({ html: false })];
    fc.assert(
      fc.property(values, (value) => {
        const { bodyMarkdown } = render('{{ labels.x }}', value);
        for (const parser of parsers) {
          const tokens = parser.parse(bodyMarkdown, {}).flatMap((token) => [token, ...(token.children ?? [])]);
          expect(tokens.map(({ type }) => type).filter((type) => !harmless.has(type))).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('a value from a user stays inside the emphasis and the list item of the template', () => {
    fc.assert(
      fc.property(values, (value) => {
        fc.pre(/[\p{L}\p{N}]/u.test(value));
        const { bodyHtml } = render('- **{{ labels.x }}**\n- second', value);
        expect(bodyHtml).toMatch(/^<ul>\n<li><strong>[\s\S]*<\/strong><\/li>\n<li>second<\/li>\n<\/ul>$/);
        expect(bodyHtml.replace(/<\/?(ul|li|strong|br)( \/)?>/g, '')).not.toContain('<');
      }),
      { numRuns: 300 },
    );
  });

  it('a value from a user is one line in a title', () => {
    fc.assert(
      fc.property(values, (value) => {
        const { titleMarkdown, titlePlain } = render('', value);
        expect(titleMarkdown).not.toMatch(/[\r\n\u2028\u2029]/);
        expect(titlePlain).not.toMatch(/[\r\n\u2028\u2029]/);
      }),
    );
  });

  it('a value from a user is exactly one code span where the template makes it code', () => {
    fc.assert(
      fc.property(values, (value) => {
        fc.pre(value.trim() !== '');
        expect(render('Path {{ labels.x | code }}!', value).bodyPlain).toBe(`Path ${value.replaceAll('\n', ' ')}!`);
      }),
      { numRuns: 300 },
    );
  });

  it('a value from a user is not executed as template code', () => {
    const { bodyPlain, titlePlain } = render('{{ labels.x }}', '{{ user_email }}{% for a in b %}');

    expect([bodyPlain, titlePlain]).toEqual(Array(2).fill('{{ user_email }}{% for a in b %}'));
  });

  it('a value from a user cannot leave its position in a URL or add a scheme', () => {
    const url = (template: string, value: string) =>
      renderActions([{ label: 'Go', url: template }], payloadOf(value), 'https://x.example.com')[0]?.url;

    expect(url('{{ base_url }}/@{{ labels.x }}/edit', 'a/../b?c=d#e "\'()é\n')).toBe(
      'https://x.example.com/@a%2F..%2Fb%3Fc%3Dd%23e%20%22%27%28%29%C3%A9%0A/edit',
    );
    expect(url('{{ base_url }}?e={{ labels.x | url_encode }}', 'a+b@c')).toBe('https://x.example.com?e=a%2Bb%40c');
    expect(url('{{ labels.x }}', 'javascript:alert(1)')).toBeUndefined();
    expect(url('{{ labels.x | raw }}', 'javascript:alert(1)')).toBeUndefined();
    expect(url('{{ labels.x | raw }}', '//evil.example.com')).toBeUndefined();
    expect(url('{{ labels.x | raw }}', 'https://partner.example.com/a?b=c')).toBe('https://partner.example.com/a?b=c');
  });

  it('a value from a user is shown unescaped and in one line in a button label', () => {
    const actions = renderActions([{ label: 'Open {{ labels.x }}', url: '/' }], payloadOf('"a", *b*\n<i>'), '');

    expect(actions).toEqual([{ label: 'Open "a", *b* <i>', url: '/' }]);
  });

  it('a value from a user takes time linear in its length', () => {
    const long = ['a', ...Array(50_000).fill(' '), '*', ...Array(50_000).fill('\n'), '`'].join('');
    const before = process.cpuUsage();
    for (const template of ['{{ labels.x }}', '**{{ labels.x }}**', '{{ labels.x | code }}']) render(template, long);

    // CPU time, which other processes do not lengthen.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(5_000);
  });
});

describe('escaped text', () => {
  it('escaped text is compared, counted and cut as typed', () => {
    const template =
      '{% if labels.x == "a_b*" %}yes {{ labels.x | size }} {{ labels.x | upcase | truncate: 3, "" }}{% endif %}';

    expect(render(template, 'a_b*').bodyPlain).toBe('yes 4 A_B');
    expect(markdownToPlain(render(template, 'a_b*').bodyMarkdown)).toBe('yes 4 A_B');
  });
});
