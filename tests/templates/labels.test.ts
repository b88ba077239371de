import { describe, expect, it } from '@jest/globals';
import { requiredLabels } from '../../src/templates/labels.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';
import { cases } from './cases.ts';

describe('requiredLabels', () => {
  it.each([
    ['{{ labels.a }} {{labels.b | upcase}} {{ labels["c"] }} {{ labels.a }}', ['a', 'b', 'c']],
    ['{% if labels.a %}{{ labels.a }}{% else %}{{ labels.b }}{% endif %}{{ labels.c }}', ['c']],
    [
      '{% unless labels.a %}{{ labels.a }}{% endunless %}{% case labels.b %}{% when "x" %}{{ labels.b }}{% endcase %}',
      [],
    ],
    ['{% for x in data.list %}{{ labels.a }}{% if x %}{{ labels.b }}{% endif %}{% endfor %}', ['a']],
    ['{{ labels.a | default: "somebody" }} {{ user_name }} {{ data.labels.b }}', []],
    ['{% assign x = labels.a %}{{ x }} {% capture y %}{{ labels.b }}{% endcapture %}', ['a', 'b']],
    ['{% raw %}{{ labels.a }}{% endraw %}{% comment %}{{ labels.b }}{% endcomment %}', []],
    ['{{ labels.a', []],
  ])('finds the required labels of %s', (text, required) => {
    expect(requiredLabels('', text)).toEqual(required);
  });

  it('merges the required labels of title and body, and the test case of every system template provides them', () => {
    expect(requiredLabels('{{ labels.a }}', '{{ labels.b }} {{ labels.a }}')).toEqual(['a', 'b']);
    for (const { name, title, body } of systemTemplates) {
      const given = Object.keys(cases[name]?.labels ?? {});
      expect(requiredLabels(title, body).filter((label) => !given.includes(label))).toEqual([]);
    }
  });
});
