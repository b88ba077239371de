import { escapeHtml } from '../../escape-html.ts';
import type { Rendered } from '../../templates/model.ts';
import { link, type MailButton, mailPage } from './mail-page.ts';
import type { Message } from './method.ts';

/** The parts that all e-mails of a deployment share. */
export interface MailFrame {
  readonly appName: string;
  readonly logoUrl: string | undefined;
  /** Base URL of the service, without a trailing slash. */
  readonly baseUrl: string;
  /** Base URL of the application that messages are about, without a trailing slash. */
  readonly appUrl: string;
  readonly year: number;
  /** Whether the service has pages of the inbox and the preferences. */
  readonly hasPages: boolean;
  readonly unsubscribeToken: UnsubscribeToken;
}

/**
 * Creates the token of the link by which a user unsubscribes from this template, or from e-mails without a template.
 */
export type UnsubscribeToken = (userId: string, templateId: string | null) => string;

/** An e-mail as rendered from a message. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Undefined for an e-mail that its reader has asked for. */
  readonly unsubscribeUrl: string | undefined;
}

/** The parts of an e-mail that depend on its kind. */
export interface MailParts {
  readonly language: string;
  /** The first line; undefined: none. */
  readonly greeting: string | undefined;
  readonly buttons: readonly MailButton[];
  /** Links of the footer to pages of the service. */
  readonly pages: readonly PageLink[];
  readonly unsubscribeUrl: string | undefined;
}

interface PageLink {
  /** As in the plain text. */
  readonly name: string;
  /** As in the HTML. */
  readonly label: string;
  readonly url: string;
}

/** Maximum number of characters in the preheader, the text that mail programs show beside the subject in a list. */
const preheaderLength = 140;

/** Renders an e-mail: greeting, body, a button for each action, and a link that stops such e-mails. */
export function renderMail({ user, payload, content, templateId, item }: Message, frame: MailFrame): MailContent {
  // A message written by a person is sent without an added greeting.
  const isGreeted = payload.written === undefined && user.user_name !== '';
  const parts = {
    language: 'en',
    greeting: isGreeted ? `Hi ${user.user_name},` : undefined,
    buttons: payload.actions.map(({ label, url }) => ({ label, url: linkOf(url, frame) })),
    pages: pagesFor(item, frame),
    unsubscribeUrl: `${frame.baseUrl}/unsubscribe/${frame.unsubscribeToken(user.user_id, templateId)}`,
  };
  return composeMail(content, parts, frame);
}

/** Puts the parts of an e-mail together, as text and as HTML. */
export function composeMail(
  content: Rendered,
  { language, greeting, buttons, pages, unsubscribeUrl }: MailParts,
  frame: MailFrame,
): MailContent {
  const footer = [
    `--\n${frame.appName} · ${frame.appUrl}`,
    ...pages.map(({ name, url }) => `${name}: ${url}`),
    ...(unsubscribeUrl === undefined ? [] : [`Unsubscribe: ${unsubscribeUrl}`]),
  ];
  const text = [
    ...(greeting === undefined ? [] : [greeting]),
    content.bodyPlain,
    ...(buttons.length > 0 ? [buttons.map(({ label, url }) => `${label}: ${url}`).join('\n')] : []),
    footer.join('\n'),
  ];
  const html = mailPage({
    language,
    title: content.titlePlain,
    preheader: shorten(content.bodyPlain, preheaderLength),
    content: [...(greeting === undefined ? [] : [`<p>${escapeHtml(greeting)}</p>`]), content.bodyHtml],
    buttons,
    appName: frame.appName,
    logoUrl: frame.logoUrl,
    footer: [
      `© ${frame.year} ${link(frame.appUrl, frame.appName)}`,
      ...pages.map(({ label, url }) => link(url, label)),
      ...(unsubscribeUrl === undefined ? [] : [link(unsubscribeUrl, 'Unsubscribe from e-mails like this')]),
    ],
  });
  return { subject: content.titlePlain, text: `${text.join('\n\n')}\n`, html, unsubscribeUrl };
}

function pagesFor(item: string | undefined, { baseUrl, hasPages }: MailFrame): readonly PageLink[] {
  if (!hasPages) return [];
  return [
    ...(item === undefined ? [] : [{ name: 'Inbox', label: 'Open in your inbox', url: `${baseUrl}/inbox/${item}` }]),
    { name: 'Preferences', label: 'Preferences', url: `${baseUrl}/preferences` },
  ];
}

/** The first words of a text, on one line. */
function shorten(text: string, length: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  const cut = line.slice(0, length);
  // Does not cut within a word or a surrogate pair.
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 0)) || Array.from(cut).slice(0, -1).join('')}…`;
}

/** Makes a path absolute, since an e-mail has no base URL. */
function linkOf(url: string, { appUrl }: MailFrame): string {
  return url.startsWith('/') ? appUrl + url : url;
}
