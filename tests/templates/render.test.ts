import { describe, expect, it } from '@jest/globals';
import { markdownToSafeHtml } from '../../src/templates/markdown.ts';
import { TemplateError } from '../../src/templates/model.ts';
import { renderActions, renderTemplate } from '../../src/templates/render.ts';
import { aPayload, helpers } from './cases.ts';

const id = '11111111-2222-4333-8444-555555555555';

function render(body_template: string, more: Parameters<typeof aPayload>[0] = {}, title_template = 'Title') {
  return renderTemplate({ id, title_template, body_template }, aPayload(more), helpers);
}

function faultOf(work: () => unknown): TemplateError {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('renderTemplate', () => {
  it('provides user, labels, data and deployment values to templates', () => {
    const names =
      'user_id user_email user_name user_username notification_name notification_template_id current_year app_name';
    const template = names
      .split(' ')
      .map((name) => `{{ ${name} }}`)
      .join('\n\n');

    expect(render(template).bodyPlain.split('\n\n')).toEqual([
      '8c1a1a43-6d0b-4a4e-9d3c-0f0a5b1f7f10',
      'ada+work@example.com',
      'Ada Lindqvist',
      'ada',
      'Anything',
      '00000000-0000-4000-8000-000000000000',
      '2026',
      'Tidings',
    ]);
    expect(
      render('{{ targets }} {{ actions[0].label }}', { targets: ['a', 'b'], actions: [{ label: 'Go', url: '/' }] })
        .bodyPlain,
    ).toBe('a, b Go');
  });

  it('does not escape URLs of the deployment', () => {
    const { bodyMarkdown, bodyHtml } = render('![logo]({{ logo_url }}) [home]({{ base_url }}/a_b)');

    expect(bodyMarkdown).toBe(
      '![logo](https://tidings.example.com/logo_1.png) [home](https://tidings.example.com/a_b)',
    );
    expect(bodyHtml).toContain('<a href="https://tidings.example.com/a_b">home</a>');
  });

  it('renders missing values as nothing, removes the marks around them, and treats them as false', () => {
    const template =
      'a **{{ labels.none }}**b{{ data.no.such.thing }}{% if labels.none %}c{% endif %}{% if labels.empty %}d{% endif %}';

    expect(render(template, { labels: { empty: '' }, data: null }).bodyMarkdown).toBe('a b');
    expect(render('**{{ labels.none }}**', {}, '{{ labels.none }}')).toMatchObject({
      bodyMarkdown: '',
      titleMarkdown: '',
    });
  });

  it('supports loops over lists and objects, comparisons and forloop.first in templates', () => {
    const data = {
      volumes: [
        { path: '/a', used: 1.5 },
        { path: '/b', used: 1 },
      ],
      sizes: { a: 1, b: 2 },
    };
    const template = `{% for v in data.volumes %}{% if forloop.first %}first {% endif %}{% if v.used > 1.0 %}{{ v.path }}{% endif %}{% endfor %}
{% assign n = data.volumes | size %}{% if n == 2 %}two{% endif %}{% for s in data.sizes %} {{ s[0] }}={{ s[1] }}{% endfor %} {{ data.sizes }} {{ data.volumes[0].used }}`;

    expect(render(template, { data }).bodyPlain).toBe('first /a\ntwo a=1 b=2 {"a":1,"b":2} 1.5');
  });

  it('shows HTML in a template as text', () => {
    expect(render('<b>bold</b> and **bold**').bodyHtml).toBe(
      '<p>&lt;b&gt;bold&lt;/b&gt; and <strong>bold</strong></p>',
    );
  });

  it('reads only own properties of the payload', () => {
    const template = '{{ labels.constructor }}{{ data.__proto__ }}{{ labels.toString }}{{ user_name.constructor }}';

    expect(render(template, { data: {} }).bodyPlain).toBe('');
  });
});

describe('a faulty template', () => {
  it.each([
    ['an unclosed tag', '{% if a %}b', 'line 1, column 1: tag {% if a %} not closed'],
    ['an unclosed output', 'a\n{{ labels.x', 'line 2, column 1'],
    ['an unknown filter', 'a\n\n b {{ labels.x | nope }}', 'line 3, column 4: undefined filter: nope'],
    ['an unknown tag', '{% nope %}', 'tag "nope" not found'],
    ['a tag for other templates', '{% include "/etc/passwd" %}', 'tag "include" not found'],
    ['another tag for other templates', '{% render "x" %}', 'tag "render" not found'],
    ['a layout', '{% layout "x" %}', 'tag "layout" not found'],
    ['a tag that prints unescaped', '{% echo labels.x %}', 'tag "echo" not found'],
    ['another tag that prints unescaped', '{% cycle labels.x %}', 'tag "cycle" not found'],
    ['too long a range', '{% for i in (1..100000000) %}a{% endfor %}', 'memory alloc limit exceeded'],
    ['too long a text', 'a'.repeat(200_001), 'parse length limit exceeded'],
    ['too long an output', `{% for i in (1..2000) %}${'a'.repeat(1_000)}{% endfor %}`, 'it renders to more than'],
    ['too many outputs', '{% for i in (1..20000) %}{{ labels.long }}{% endfor %}', 'memory alloc limit exceeded'],
  ])('a faulty template is refused with line and column: %s', (_what, body, reason) => {
    const error = faultOf(() => render(body, { labels: { long: 'b'.repeat(1_000) } }));

    expect(error.message).toMatch(new RegExp(`^template ${id}, body: `));
    expect(error.message).toContain(reason);
    expect(error).toMatchObject({ templateId: id, part: 'body', name: 'TemplateError' });
  });

  it('a template that takes too long is stopped', () => {
    const loops = Array.from({ length: 5 }, (_, n) => `{% for a${n} in (1..300) %}`).join('');

    const error = faultOf(() => render(`${loops}${'{% endfor %}'.repeat(5)}`));

    expect(error.message).toMatch(/limit exceeded/);
  });

  it('the error of a faulty template names the faulty part', () => {
    const payload = aPayload({ notification_template_id: id });
    const actionsFault = (actions: unknown) => faultOf(() => renderActions(actions, payload, '')).message;

    expect(faultOf(() => render('', {}, '{{ x | nope }}')).part).toBe('title');
    expect(
      actionsFault([
        { label: 'a', url: '/' },
        { label: 'b', url: '{{' },
      ]),
    ).toMatch(`template ${id}, actions[1].url: line 1`);
    expect(actionsFault(null)).toBe(`template ${id}, actions: must be a list of { label, url }`);
    expect(actionsFault([{ label: 1 }])).toBe(`template ${id}, actions[0]: must be { label, url } with two strings`);
  });
});

describe('markdownToSafeHtml', () => {
  it('keeps formatting and links of Markdown and HTML', () => {
    expect(markdownToSafeHtml('**a** ~~b~~ <u>c</u> [d](https://d.example.com)\nhttps://e.example.com README.md')).toBe(
      '<p><strong>a</strong> <s>b</s> <u>c</u> <a href="https://d.example.com">d</a>\n<a href="https://e.example.com">https://e.example.com</a> README.md</p>',
    );
    expect(markdownToSafeHtml('| a |\n|:-:|\n| b |')).toContain('<td style="text-align:center">b</td>');
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">a</a>',
    '[a](javascript:alert(1))',
    '<a href="jav&#x09;ascript:alert(1)">a</a>',
    '[a](data:text/html;base64,PHNjcmlwdD4=)',
    '<iframe src="https://evil.example.com"></iframe>',
    '<form action="https://evil.example.com"><input></form>',
    '<style>* { display: none }</style>',
    '<p style="position:fixed" onclick="alert(1)" class="x" id="y">a</p>',
    '<svg><a xlink:href="javascript:alert(1)"></a></svg>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example.com">',
    '<a href="//evil.example.com">a</a>',
    '<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>',
  ])('removes unsafe HTML: %s', (markdown) => {
    const html = markdownToSafeHtml(markdown);
    const attributes = [...html.matchAll(/<[^>]*>/g)].join('');

    expect(attributes).not.toMatch(/script|onerror|onclick|style|iframe|form|input|meta|svg|math|class|id=|href/i);
  });
});
