import { LiquidError } from 'liquidjs';
import { renderLiquid, type Target, TrustedText } from './engine.ts';
import { escapeMarkdownLine, oneLine } from './escape.ts';
import { markdownToSafeHtml, templateMarkdownToHtml } from './markdown.ts';
import {
  type Action,
  isWrittenTemplate,
  type Rendered,
  type RenderHelpers,
  type RenderPayload,
  TemplateError,
  type TemplateTexts,
} from './model.ts';
import { markdownToPlain } from './plain-text.ts';

/**
 * Renders the title and body of a template to Markdown, plain text and safe HTML. Values of the payload are shown
 * literally and have no effect in Markdown, HTML or Liquid, unless the template only passes on text written by a
 * person. Such a text is used as it is: the title as plain text, the body as Markdown. Missing values render as empty
 * text and are false in conditions.
 * @throws TemplateError when the template is faulty; retrying is useless.
 */
export function renderTemplate(template: TemplateTexts, payload: RenderPayload, helpers: RenderHelpers): Rendered {
  const scope = {
    ...payloadScope(payload, helpers.baseUrl),
    app_name: helpers.appName,
    logo_url: new TrustedText(helpers.logoUrl),
    current_year: helpers.now.getUTCFullYear(),
  };
  const { id, title_template, body_template } = template;
  if (isWrittenTemplate(id)) {
    // As in buttons, the labels of such templates are not escaped.
    return writtenText(
      renderPart(id, 'title', 'label', title_template, scope),
      renderPart(id, 'body', 'label', body_template, scope),
    );
  }
  const titleMarkdown = oneLine(renderPart(id, 'title', 'title', title_template, scope)).trim();
  const bodyMarkdown = renderPart(id, 'body', 'body', body_template, scope).trim();
  // Plain text and HTML are computed on demand: they cost several times as much as the rendering, and an inbox needs
  // neither.
  return {
    subject: titleMarkdown,
    titleMarkdown,
    bodyMarkdown,
    get titlePlain() {
      return oneLine(markdownToPlain(titleMarkdown));
    },
    get bodyPlain() {
      return markdownToPlain(bodyMarkdown);
    },
    get bodyHtml() {
      return templateMarkdownToHtml(bodyMarkdown);
    },
  };
}

/** Text written by a person: a plain-text subject and a Markdown message, whose HTML is sanitised. */
export function writtenText(subject: string, message: string): Rendered {
  return {
    subject,
    get titleMarkdown() {
      return escapeMarkdownLine(subject);
    },
    bodyMarkdown: message,
    titlePlain: oneLine(subject),
    get bodyPlain() {
      return markdownToPlain(message);
    },
    get bodyHtml() {
      return markdownToSafeHtml(message);
    },
  };
}

/**
 * Renders the buttons of a template, once, when the message is enqueued. Values are percent-encoded in URLs and
 * unchanged in labels, which are plain text. A button is left out if a value makes its URL other than http, https,
 * mailto or a path.
 * @param actions the template's buttons: `[{ label, url }]` with Liquid in both
 * @throws TemplateError when the template is faulty.
 */
export function renderActions(
  actions: unknown,
  payload: Omit<RenderPayload, 'actions'>,
  baseUrl: string,
): readonly Action[] {
  const { notification_template_id: id } = payload;
  const scope = payloadScope(payload, baseUrl);
  return readActions(id, actions)
    .map(({ label, url }, index) => ({
      label: oneLine(renderPart(id, `actions[${index}].label`, 'label', label, scope)).trim(),
      url: renderPart(id, `actions[${index}].url`, 'url', url, scope).trim(),
    }))
    .filter(({ url }) => isLink(url));
}

function payloadScope(payload: Omit<RenderPayload, 'actions'>, baseUrl: string): Record<string, unknown> {
  return { ...payload, base_url: new TrustedText(baseUrl.replace(/\/+$/, '')) };
}

function renderPart(id: string, part: string, target: Target, text: string, scope: Record<string, unknown>): string {
  try {
    return renderLiquid(target, text, scope);
  } catch (error) {
    throw new TemplateError(id, part, reasonOf(error), error);
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!LiquidError.is(error)) return message;
  const [line, column] = error.token.getPosition();
  return `line ${line}, column ${column}: ${message.replace(/, line:\d+, col:\d+$/, '')}`;
}

function readActions(id: string, actions: unknown): readonly Action[] {
  if (!Array.isArray(actions)) throw new TemplateError(id, 'actions', 'must be a list of { label, url }');
  return actions.map((action: unknown, index) => {
    if (isAction(action)) return action;
    throw new TemplateError(id, `actions[${index}]`, 'must be { label, url } with two strings');
  });
}

function isAction(action: unknown): action is Action {
  return (
    typeof action === 'object' &&
    action !== null &&
    'label' in action &&
    typeof action.label === 'string' &&
    'url' in action &&
    typeof action.url === 'string'
  );
}

function isLink(url: string): boolean {
  return /^\/(?![/\\])/.test(url) || (URL.canParse(url) && /^(https?|mailto):/i.test(url));
}
