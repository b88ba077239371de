import { LRUCache } from 'lru-cache';
import type { Rendered, RenderHelpers, TemplateTexts } from '../templates/model.ts';
import { renderTemplate } from '../templates/render.ts';
import type { Payload, UserPayload } from './payload.ts';

/** Maximum number of characters in the cache. */
const maxCharacters = 20_000_000;

/** The input of one rendering. */
export interface RenderTask {
  readonly template: TemplateTexts;
  readonly payload: Payload;
  readonly user: UserPayload;
  readonly helpers: RenderHelpers;
}

/** Renders messages. A message whose text is the same for all recipients is rendered once. */
export type Renderer = (task: RenderTask) => Rendered;

export function createRenderer(): Renderer {
  // Two caches: `cache` spans leases, keyed by everything the text depends on; `lastByPayload` is a cheaper look-up
  // for the messages of one lease, which share a payload object.
  const cache = new LRUCache<string, Rendered>({
    maxSize: maxCharacters,
    // At most five texts of similar length are derived from a rendering, and the key contains its input.
    sizeCalculation: ({ subject, bodyMarkdown }, key) => key.length + 5 * (subject.length + bodyMarkdown.length) + 1,
  });
  const lastByPayload = new WeakMap<Payload, { readonly task: RenderTask; readonly rendered: Rendered }>();
  const personalTemplates = new WeakMap<TemplateTexts, boolean>();

  const isPersonal = (template: TemplateTexts) => {
    const cached = personalTemplates.get(template);
    if (cached !== undefined) return cached;
    const found = mayUseUserFields(template.title_template) || mayUseUserFields(template.body_template);
    personalTemplates.set(template, found);
    return found;
  };
  const renderShared = (task: RenderTask) => {
    const last = lastByPayload.get(task.payload);
    if (last !== undefined && isSame(last.task, task)) return last.rendered;
    const key = keyOf(task);
    const rendered = cache.get(key) ?? render(task);
    cache.set(key, rendered);
    lastByPayload.set(task.payload, { task, rendered });
    return rendered;
  };
  return (task) => (isPersonal(task.template) ? render(task) : renderShared(task));
}

function render({ template, payload, user, helpers }: RenderTask): Rendered {
  return lazily(renderTemplate(template, { ...payload, ...user, data: payload.data ?? null }, helpers));
}

function isSame(one: RenderTask, other: RenderTask): boolean {
  const [a, b] = [one.helpers, other.helpers];
  return (
    one.template === other.template &&
    a.baseUrl === b.baseUrl &&
    a.appName === b.appName &&
    a.logoUrl === b.logoUrl &&
    a.now.getUTCFullYear() === b.now.getUTCFullYear()
  );
}

/** A cache key of everything that the texts depend on, if they contain no fields of the user. */
function keyOf({ template, payload, helpers }: RenderTask): string {
  const { id, title_template, body_template } = template;
  const { labels, data, targets, actions, notification_name: name } = payload;
  const { baseUrl, appName, logoUrl, now } = helpers;
  const ofDeployment = [baseUrl, appName, logoUrl, now.getUTCFullYear()];
  return JSON.stringify([id, title_template, body_template, name, labels, data, targets, actions, ofDeployment]);
}

/** Whether a Liquid template may use a variable of the user. Brackets inside a tag can compute any name. */
export function mayUseUserFields(template: string): boolean {
  return template.includes('user_') || /\{[^}]*\[/.test(template);
}

/** Computes each text when it is first read, and caches it. */
function lazily(rendered: Rendered): Rendered {
  let titleMarkdown: string | undefined;
  let titlePlain: string | undefined;
  let bodyPlain: string | undefined;
  let bodyHtml: string | undefined;
  return {
    subject: rendered.subject,
    get titleMarkdown() {
      titleMarkdown ??= rendered.titleMarkdown;
      return titleMarkdown;
    },
    bodyMarkdown: rendered.bodyMarkdown,
    get titlePlain() {
      titlePlain ??= rendered.titlePlain;
      return titlePlain;
    },
    get bodyPlain() {
      bodyPlain ??= rendered.bodyPlain;
      return bodyPlain;
    },
    get bodyHtml() {
      bodyHtml ??= rendered.bodyHtml;
      return bodyHtml;
    },
  };
}
