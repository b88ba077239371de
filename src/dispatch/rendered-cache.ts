import { LRUCache } from 'lru-cache';
import type { Rendered, RenderHelpers, TemplateTexts } from '../templates/model.ts';
import { renderTemplate } from '../templates/render.ts';
import type { Payload } from './payload.ts';

/** Characters of texts that are kept. */
const mostCharacters = 20_000_000;

/** Renders messages; one that goes to many people with the same words is rendered once. */
export type Renderer = (template: TemplateTexts, payload: Payload, helpers: RenderHelpers) => Rendered;

export function createRenderer(): Renderer {
  const cache = new LRUCache<string, Rendered>({
    maxSize: mostCharacters,
    // Five texts of about one length are made of it at most, and the key is as long as what they are made from.
    sizeCalculation: ({ titleMarkdown, bodyMarkdown }, key) =>
      key.length + 5 * (titleMarkdown.length + bodyMarkdown.length) + 1,
  });
  return (template, payload, helpers) => {
    const key = keyOf(template, payload, helpers);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const rendered = once(renderTemplate(template, { ...payload, data: payload.data ?? null }, helpers));
    cache.set(key, rendered);
    return rendered;
  };
}

/** Everything that the texts depend on; of the user only where a template can name them. */
function keyOf({ id, titleTemplate, bodyTemplate }: TemplateTexts, payload: Payload, helpers: RenderHelpers): string {
  const { labels, data, targets, actions, notification_name: name } = payload;
  const isPersonal = canNameUser(titleTemplate) || canNameUser(bodyTemplate);
  const user = isPersonal ? [payload.user_id, payload.user_email, payload.user_name, payload.user_username] : undefined;
  const { baseUrl, appName, logoUrl, now } = helpers;
  const ofDeployment = [baseUrl, appName, logoUrl, now.getUTCFullYear()];
  return JSON.stringify([id, titleTemplate, bodyTemplate, name, labels, data, targets, actions, ofDeployment, user]);
}

/** Whether a Liquid text may use something of the user. Brackets can spell any name from parts. */
export function canNameUser(template: string): boolean {
  return template.includes('user_') || /\{[^}]*\[/.test(template);
}

/** Makes each text when it is first asked for, and not again. */
function once(rendered: Rendered): Rendered {
  let titlePlain: string | undefined;
  let bodyPlain: string | undefined;
  let bodyHtml: string | undefined;
  return {
    titleMarkdown: rendered.titleMarkdown,
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
