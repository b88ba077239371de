import { describe, expect, it } from '@jest/globals';
import { markdownToSafeHtml } from '../../src/templates/markdown.ts';
import { markdownToPlain } from '../../src/templates/plain-text.ts';

describe('markdownToPlain', () => {
  it.each([
    ['# Notification Title', 'Notification Title'],
    ['This is the __content__.', 'This is the content.'],
    ['*a* **b** ~~c~~ `d*` \\*e\\*', 'a b c d* *e*'],
    ['[text](https://a.example.com/b_c)', 'text (https://a.example.com/b_c)'],
    ['[**bold** text](<https://a.example.com>) [](/x)', 'bold text (https://a.example.com) /x'],
    ['<https://a.example.com/ü> <me@example.com>', 'https://a.example.com/ü me@example.com'],
    ['- [https://a.example.com/ü](https://a.example.com/ü)', '- https://a.example.com/ü'],
    ['![a *picture*](https://a.example.com/p.png)', 'a picture'],
    ['[![logo](l.png)](https://a.example.com)', 'logo (https://a.example.com)'],
    ['a\nb  \nc\n\nd', 'a\nb\nc\n\nd'],
    ['a  b &nbsp; &auml; &lt;i&gt;', 'a  b \u00a0 ä <i>'],
    ['- a\n- b\n  - c\n\n3. d\n4. e', '- a\n- b\n  - c\n\n3. d\n4. e'],
    ['- a\n\n- b\n\n  c', '- a\n\n- b\n\n  c'],
    ['9. a\n10. b\n    - c\n11. d', '9. a\n10. b\n    - c\n11. d'],
    ['- - a\n-\n- b', '- - a\n-\n- b'],
    ['> quoted\n> *text*\n>\n> - a\n\nb', '> quoted\n> text\n>\n> - a\n\nb'],
    ['```js\n  let a = `b`;\n\nc\n```', '  let a = `b`;\n\nc'],
    ['a\n\n---\n\nb', 'a\n\n---\n\nb'],
    ['| a | b |\n|---|---|\n| *c* | d |\n| | e |\n| f | |', 'a | b\nc | d\n| e\nf'],
    ['', ''],
  ])('converts Markdown to plain text: %j', (markdown, plain) => {
    expect(markdownToPlain(markdown)).toBe(plain);
  });

  it.each([
    [
      '<p>Build failed.</p><p>See <a href="https://ci.example/1">the log</a>.</p>',
      'Build failed.\n\nSee the log (https://ci.example/1).',
    ],
    ['<h2>Title</h2>text<hr>more', 'Title\n\ntext\n\n---\n\nmore'],
    ['<div>a</div><div>b</div><section><p>c</p></section>', 'a\nb\n\nc'],
    ['<p>one\n  <b>two</b>\n</p>\n<p> three </p>', 'one two\n\nthree'],
    ['a<br>b<br/>c<br>\nd<p>e<br></p><p>f</p>', 'a\nb\nc\nd\n\ne\n\nf'],
    [
      '<p>one <b>two</b> &amp; three</p>\n\nfour<br>five <i>six</i><script>x</script>',
      'one two & three\n\nfour\nfive six',
    ],
    [
      '<p>Fish &amp; chips &lt;b&gt; &eacute;&nbsp;x &#8364; &#x20AC; &bogus;</p>',
      'Fish & chips <b> é\u00a0x € € &bogus;',
    ],
    ['<p>1 < 2 & 3 > 2</p>', '1 < 2 & 3 > 2'],
    ['<img src="g.png" alt="Build graph"><img src="pixel.png" alt=""><img src=x>', 'Build graph'],
    ['<a href="https://a.example"><img src="l.png" alt="Logo"></a>', 'Logo (https://a.example)'],
    ['<a href="https://a.example/1">https://a.example/1</a>', 'https://a.example/1'],
    ['<p><a href="https://a.example/?a=1&amp;b=2"> the\n log </a>!</p>', 'the log (https://a.example/?a=1&b=2) !'],
    [
      '<a href="mailto:o@x.example?subject=a">us</a> <a href="mailto:o@x.example">o@x.example</a>',
      'us (o@x.example) o@x.example',
    ],
    ['<a href="javascript:x()">a</a> <a href="#top">b</a> <a>c</a> <a href="/d">d</a>', 'a b c d (/d)'],
    ['<a href="https://a.example"><p>Card</p></a><p>Next</p>', 'Card (https://a.example)\n\nNext'],
    ['<ul><li>one</li><li>two<ul><li>in</li></ul></li></ul>after', '- one\n- two\n  - in\n\nafter'],
    ['<ul><li>one<li>two<ol start="3"><li>x<li value="7">y<li>z</ol></ul>', '- one\n- two\n  3. x\n  7. y\n  8. z'],
    ['<ul><li>a</li><ul><li>b</li></ul><li>c</li></ul>', '- a\n  - b\n- c'],
    ['<ul><li><p>a</p><p>b</p></li></ul>', '- a\n\n  b'],
    ['<dl><dt>Term</dt><dd>what it is</dd><dt>Other<dd>too</dl>', 'Term\n  what it is\nOther\n  too'],
    ['<blockquote><p>a</p><p>b</p></blockquote>c', '> a\n>\n> b\n\nc'],
    ['<pre>\n  keep\n\tthis\n</pre><p>x</p>', '  keep\n\tthis\n\nx'],
    [
      '<table>\n<caption>Team</caption>\n<tr><th>Name</th><th>Age</th></tr>\n<tr>\n<td>Ada</td>\n<td>36</td>\n</tr></table>',
      'Team\nName | Age\nAda | 36',
    ],
    ['<table><tr><td><p>a</p></td><td><div>b</div></td></tr></table>', 'a | b'],
    ['<table role="presentation"><tr><td>a</td><td></td><td>b</td></tr></table>', 'a\nb'],
    ['<head><title>t</title></head><style>p { }</style><p>a<!-- b --></p><svg><text>c</text></svg>', 'a'],
    ['<details><summary>More</summary>\n\n**inner**\n\n</details>', 'More\n\ninner'],
    ['before<svg> hidden\n\nshown', 'before\n\nshown'],
    ['**a** <p>b</p> c <br> d', 'a\n\nb\n\nc\nd'],
    ['<p title="a > b">c</p></div></p></ul>d', 'c\n\nd'],
  ])('converts HTML to plain text: %j', (html, plain) => {
    expect(markdownToPlain(html).trimEnd()).toBe(plain);
  });

  // Quadratic time would exceed the test timeout.
  it.each([
    ...['- a\n', '> ', '[', '![', '*a', '<b', '<ul><li>', '<blockquote>', '<a href=x>', '<table><tr><td>', '&', '<br>'],
    ...['1. a\n\n', '| a |\n', '<!--', '</b>', '\\\n'],
  ])('converts two hundred thousand characters of %j in linear time', (piece) => {
    expect(markdownToPlain(piece.repeat(200_000 / piece.length)).length).toBeLessThan(600_000);
  });

  it.each([
    ['elements closed that are not the innermost', '<b>'.repeat(80_000) + '</i>'.repeat(60_000)],
    ['lists closed that are not the innermost', '<ul>'.repeat(60_000) + '</ol>'.repeat(60_000)],
    ['lines in deep quotes', '<blockquote>'.repeat(20_000) + '<br>x'.repeat(50_000)],
    ['lines in deep lists', `${'<ul><li>'.repeat(25_000)}\n\n${'x\n'.repeat(100_000)}`],
    ['items in deep lists', '<ol><li>'.repeat(25_000) + '</li><li>'.repeat(30_000)],
  ])('keeps the plain text of many %s proportional to the input', (_what, html) => {
    expect(markdownToPlain(html).length).toBeLessThan(15 * html.length);
  });

  it('limits how often a long reference address is repeated by the length of the text', () => {
    const markdown = `[a]: /${'h'.repeat(50_000)}\n\n${'[a] '.repeat(20_000)}`;

    expect(markdownToPlain(markdown).length).toBeLessThan(3 * markdown.length);
    expect(markdownToSafeHtml(markdown).length).toBeLessThan(3 * markdown.length);
    expect(markdownToPlain('[a]: /b\n\n[a] *[a]* [c]')).toBe('a (/b) a (/b) [c]');
  });
});
