import { LRUCache } from 'lru-cache';
import type { Rendered, RenderHelpers, TemplateTexts } from '../templates/model.ts';
import { renderTemplate } from '../templates/render.ts';
import type { Payload, UserPayload } from './payload.ts';

/** Characters of texts that are kept. */
const mostCharacters = 20_000_000;

/** What a message is rendered from. */
export interface RenderTask {
  readonly template: TemplateTexts;
  readonly payload: Payload;
  readonly user: UserPayload;
  readonly helpers: RenderHelpers;
}

/** Renders messages; one that goes to many people with the same words is rendered once. */
export type Renderer = (task: RenderTask) => Rendered;

export function createRenderer(): Renderer {
  // Of many leases, by all that the words depend on; of one lease, where messages have one payload, by that object.
  const cache = new LRUCache<string, Rendered>({
    maxSize: mostCharacters,
    // Five texts of about one length are made of it at most, and the key is as long as what they are made from.
    sizeCalculation: ({ subject, bodyMarkdown }, key) => key.length + 5 * (subject.length + bodyMarkdown.length) + 1,
  });
  const ofPayload = new WeakMap<Payload, { readonly task: RenderTask; readonly rendered: Rendered }>();
  const personal = new WeakMap<TemplateTexts, boolean>();

  const isPersonal = (template: TemplateTexts) => {
    const known = personal.get(template);
    if (known !== undefined) return known;
    const found = canNameUser(template.titleTemplate) || canNameUser(template.bodyTemplate);
    personal.set(template, found);
    return found;
  };
  const shared = (task: RenderTask) => {
    const last = ofPayload.get(task.payload);
    if (last !== undefined && isSame(last.task, task)) return last.rendered;
    const key = keyOf(task);
    const rendered = cache.get(key) ?? render(task);
    cache.set(key, rendered);
    ofPayload.set(task.payload, { task, rendered });
    return rendered;
  };
  return (task) => (isPersonal(task.template) ? render(task) : shared(task));
}

function render({ template, payload, user, helpers }: RenderTask): Rendered {
  return once(renderTemplate(template, { ...payload, ...user, data: payload.data ?? null }, helpers));
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

/** Everything that the texts depend on, where they name nothing of the user. */
function keyOf({ template, payload, helpers }: RenderTask): string {
  const { id, titleTemplate, bodyTemplate } = template;
  const { labels, data, targets, actions, notification_name: name } = payload;
  const { baseUrl, appName, logoUrl, now } = helpers;
  const ofDeployment = [baseUrl, appName, logoUrl, now.getUTCFullYear()];
  return JSON.stringify([id, titleTemplate, bodyTemplate, name, labels, data, targets, actions, ofDeployment]);
}

/** Whether a Liquid text may use something of the user. Brackets can spell any name from parts. */
export function canNameUser(template: string): boolean {
  return template.includes('user_') || /\{[^}]*\[/.test(template);
}

/** Makes each text when it is first asked for, and not again. */
function once(rendered: Rendered): Rendered {
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
