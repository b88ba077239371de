import { z } from 'zod';
import { type JsonSchema, objectOf } from '../shared/json-schema.ts';
import { asText, changed, itemsOf } from './answer-schemas.ts';
import { readBody, withDefault } from './body.ts';
import { failures } from './errors.ts';
import { idOf } from './parameters.ts';
import { notModified, ok, route } from './route.ts';

interface SelectedTemplate {
  readonly actions: unknown;
  readonly group: string | null;
  readonly method: string | null;
}

const listTemplates = (kind: 'system' | 'custom') =>
  route<{ readonly templates: readonly SelectedTemplate[] }>({
    method: 'GET',
    path: `/notifications/templates/${kind}`,
    summary:
      kind === 'system' ? 'List the system templates by name' : 'List the templates of messages that users write',
    tag: 'Templates',
    answers: [200],
    answer: ({ templates = {} }) => itemsOf(describeTemplate)(templates),
    document: `{ templates: notification_templates(kind: "${kind}") {
      id name title_template body_template actions group method kind enabled_by_default } }`,
    render: ({ templates }) => ok(templates.map(toTemplate)),
    failures: failures.templates,
  });

/** Lists the system templates by name. */
export const listSystemTemplates = listTemplates('system');

/** Lists the templates for messages that users write. */
export const listCustomTemplates = listTemplates('custom');

/** Lists the delivery methods that a template may have, and the default method. */
export const getDispatchMethods = route<{ readonly methods: object }>({
  method: 'GET',
  path: '/notifications/dispatch-methods',
  summary: 'List the methods a template may be sent by',
  tag: 'Templates',
  answers: [200],
  answer: ({ methods = {} }) => methods,
  document: '{ methods: notification_dispatch_methods { available default } }',
  render: ({ methods }) => ok(methods),
  failures: failures.templates,
});

const Method = z.object({ method: withDefault(z.string(), '') });

/** Sets the delivery method of a template. */
export const putTemplateMethod = route<{ readonly template: { readonly changed: boolean } }>({
  method: 'PUT',
  path: '/notifications/templates/:template/method',
  summary: 'Set how a template is sent; for admins and operators',
  tag: 'Templates',
  body: Method,
  answers: [200, 304],
  answer: () => objectOf({ message: { type: 'string' } }),
  document: `mutation ($id: ID!, $method: String!) {
    template: update_notification_template_method(id: $id, method: $method) { changed } }`,
  variables: ({ parameters, body }) => ({ id: idOf(parameters, 'template'), ...readBody(body, Method) }),
  withoutBody: ({ parameters }) => ({ id: idOf(parameters, 'template'), method: '' }),
  render: ({ template }) =>
    template.changed ? ok({ message: 'Successfully updated notification template method.' }) : notModified(),
  failures: failures.templateMethod,
});

/** Coder's template: actions are JSON text, and unset fields are empty strings. */
function toTemplate(template: SelectedTemplate) {
  const { actions, group, method } = template;
  return { ...template, actions: JSON.stringify(actions ?? []), group: group ?? '', method: method ?? '' };
}

/** Converts the schema of the selected fields to that of the result of `toTemplate`. */
const describeTemplate = (selected: JsonSchema) =>
  changed(selected, { actions: asText, group: asText, method: asText });
