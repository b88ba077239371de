import { escapeHtml } from '../../escape-html.ts';
import { link, mailPage } from './mail-page.ts';
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
  readonly unsubscribeUrl: string;
}

/** Maximum number of characters in the preheader, the text that mail programs show beside the subject in a list. */
const preheaderLength = 140;

/** Renders an e-mail: greeting, body, a button for each action, and a link that stops such e-mails. */
export function renderMail({ user, payload, content, templateId }: Message, frame: MailFrame): MailContent {
  const unsubscribeUrl = `${frame.baseUrl}/unsubscribe/${frame.unsubscribeToken(user.user_id, templateId)}`;
  const greeting = `Hi ${user.user_name},`;
  // A message written by a person is sent without an added greeting.
  const isGreeted = payload.written === undefined && user.user_name !== '';
  const { actions } = payload;
  const text = [
    ...(isGreeted ? [greeting] : []),
    content.bodyPlain,
    ...(actions.length > 0 ? [actions.map(({ label, url }) => `${label}: ${linkOf(url, frame)}`).join('\n')] : []),
    `--\n${frame.appName} · ${frame.appUrl}\nUnsubscribe: ${unsubscribeUrl}`,
  ];
  const html = mailPage({
    title: content.titlePlain,
    preheader: shorten(content.bodyPlain, preheaderLength),
    content: [...(isGreeted ? [`<p>${escapeHtml(greeting)}</p>`] : []), content.bodyHtml],
    buttons: actions.map(({ label, url }) => ({ label, url: linkOf(url, frame) })),
    appName: frame.appName,
    logoUrl: frame.logoUrl,
    footer: [
      `© ${frame.year} ${link(frame.appUrl, frame.appName)}`,
      link(unsubscribeUrl, 'Unsubscribe from e-mails like this'),
    ],
  });
  return { subject: content.titlePlain, text: `${text.join('\n\n')}\n`, html, unsubscribeUrl };
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
