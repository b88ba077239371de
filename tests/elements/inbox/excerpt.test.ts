import { describe, expect, it } from '@jest/globals';
import { toPlainText } from '../../../packages/client/src/text.ts';
import { excerptOf } from '../../../packages/inbox/src/inbox/excerpt.ts';

describe('the excerpt of a message', () => {
  it.each([
    'Your **build** of `main` _failed_ after ~~two~~ three minutes',
    '# Title\n\nA [link](https://example.com "title") and <https://example.org>',
    'snake_case_names and 2 * 3 * 4 stay as they are',
    '> quoted\n> twice',
    'Fish &amp; chips &lt;3',
    'An image ![of a cat](https://example.com/cat.png) is its text',
    'Escaped \\*stars\\*',
    '***both*** at once',
    '```js\nconst x = 1;\n```',
    'mail <someone@example.com>',
  ])('has the text of %j', (message) => {
    expect(excerptOf(message)).toBe(toPlainText(message).replace(/\s+/g, ' '));
  });

  it('leaves out tags, scripts and styles', () => {
    expect(excerptOf('<b onclick="x()">bold</b> text <script>alert(1)</script>after <img src=x')).toBe(
      'bold text after',
    );
  });

  it('leaves out the marks of lists and tables', () => {
    expect(excerptOf('- one\n- [x] two\n1. three')).toBe('one two three');
    expect(excerptOf('| a | b |\n|---|:-:|\n| 1 | 2 |')).toBe('a b 1 2');
  });

  it('is quick for long and odd messages', () => {
    for (const piece of ['*', '_', '`', '[', '<', '|-', '> ', '~~', '![](', '&amp;']) {
      expect(excerptOf(piece.repeat(50_000)).length).toBeLessThanOrEqual(600);
    }
  });
});
