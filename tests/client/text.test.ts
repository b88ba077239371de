import { describe, expect, it } from '@jest/globals';
import { Parser } from 'htmlparser2';
import { toPlainText, toSafeHtml } from '../../packages/client/src/text.ts';

/** The elements and attributes that a browser would see. */
function readHtml(html: string) {
  const found: { readonly name: string; readonly attributes: Readonly<Record<string, string>> }[] = [];
  const parser = new Parser({ onopentag: (name, attributes) => void found.push({ name, attributes }) });
  parser.end(html);
  return found;
}

const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  '<a href="javascript:alert(1)">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java&#x0A;script:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](\u0001javascript:alert(1))',
  '[x](data:text/html;base64,PHNjcmlwdD4=)',
  '[x](vbscript:msgbox)',
  '[x](//example.com)',
  '[x](\\\\example.com)',
  '![x](https://example.com/pixel.png)',
  '![x](javascript:alert(1) "onload=alert(1)")',
  '[x](https://example.com/"onmouseover="alert(1))',
  '[x](https://example.com "title\\" onmouseover=alert(1)")',
  '<https://example.com/"><script>alert(1)</script>',
  '```"><script>alert(1)</script>\ncode\n```',
  '`<img src=x onerror=alert(1)>`',
  '<!-- <script>alert(1)</script>',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<style>@import "https://example.com"</style>',
  '| <script>alert(1)</script> |\n|---|\n| <img onerror=alert(1)> |',
  '- [ ] <input onfocus=alert(1) autofocus>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
];
const allowedElements = new Set(
  'h1 h2 h3 h4 h5 h6 p br hr blockquote pre code strong em del a ul ol li table thead tbody tr th td'.split(' '),
);
const allowedAttributes = new Set(['href', 'title', 'rel', 'start', 'align', 'class']);

describe('messages as safe HTML', () => {
  it.each(hostile)('nothing of %j can run or load', (message) => {
    for (const { name, attributes } of readHtml(toSafeHtml(`before\n\n${message}\n\nafter`))) {
      expect(allowedElements).toContain(name);
      for (const attribute of Object.keys(attributes)) expect(allowedAttributes).toContain(attribute);
      const { href } = attributes;
      if (href !== undefined)
        expect(new URL(href, 'https://inbox.example.com').protocol).toMatch(/^(https?|mailto|tel):$/);
    }
  });

  it('Markdown keeps its structure and its links', () => {
    expect(toSafeHtml('**Build 7** failed, see [the log](https://example.com/7?a=1&b=2) or [all](/builds).')).toBe(
      '<p><strong>Build 7</strong> failed, see <a href="https://example.com/7?a=1&amp;b=2" rel="noopener noreferrer nofollow">the log</a>' +
        ' or <a href="/builds" rel="noopener noreferrer nofollow">all</a>.</p>',
    );
  });

  it('HTML becomes its text, and an image its description', () => {
    expect(toSafeHtml('<b>Hello</b> ![a chart](https://example.com/c.png)')).toBe('<p>Hello a chart</p>');
    expect(toSafeHtml('a < b & c > d')).toBe('<p>a &lt; b &amp; c &gt; d</p>');
  });
});

describe('messages as plain text', () => {
  it.each([
    ['**Build 7** failed, see [the log](https://example.com/7).', 'Build 7 failed, see the log.'],
    ['# Title\n\nText', 'Title\n\nText'],
    ['- one\n- two\n  - inner', '- one\n- two\n  - inner'],
    ['3. three\n4. four', '3. three\n4. four'],
    ['- [x] done\n- [ ] open', '☑ done\n☐ open'],
    ['> quoted\n\n`code`', 'quoted\n\ncode'],
    ['<p>Hello</p>\n\n<script>alert(1)</script>', 'Hello'],
    ['a &amp; b &lt;c&gt;', 'a & b <c>'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', 'a\tb\n1\t2'],
    ['one  \ntwo', 'one\ntwo'],
    ['', ''],
  ])('%j', (message, expected) => {
    expect(toPlainText(message)).toBe(expected);
  });
});
