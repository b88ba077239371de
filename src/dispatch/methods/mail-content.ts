import type { Message } from './method.ts';

/** The parts that all e-mails of a deployment share. */
export interface MailFrame {
  readonly appName: string;
  readonly logoUrl: string | undefined;
  /** Base URL of the service, without a trailing slash. */
  readonly baseUrl: string;
  readonly year: number;
}

/** An e-mail as rendered from a message. */
export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Page on which the recipient can disable e-mails of this template. */
  readonly unsubscribeUrl: string;
}

/** Renders an e-mail: greeting, body, a button for each action, and links to the notification settings. */
export function renderMail({ user, payload, content, templateId }: Message, frame: MailFrame): MailContent {
  const settingsUrl = `${frame.baseUrl}/settings/notifications`;
  const unsubscribeUrl = templateId === null ? settingsUrl : `${settingsUrl}?disabled=${templateId}`;
  const greeting = `Hi ${user.user_name},`;
  // A message written by a person is sent without an added greeting.
  const isGreeted = payload.written === undefined && user.user_name !== '';
  const { actions } = payload;
  const text = [
    ...(isGreeted ? [greeting] : []),
    content.bodyPlain,
    ...(actions.length > 0 ? [actions.map(({ label, url }) => `${label}: ${linkOf(url, frame)}`).join('\n')] : []),
    `--\n${frame.appName} · ${frame.baseUrl}\nWhat is sent to you: ${settingsUrl}\nNo more of these: ${unsubscribeUrl}`,
  ];
  const html = [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(content.titlePlain)}</title></head>`,
    `<body style="margin:0;background:#f5f5f4;font-family:sans-serif;color:#1c1917;line-height:1.5">`,
    `<div style="max-width:560px;margin:0 auto;padding:32px 24px;background:#ffffff">`,
    ...(frame.logoUrl === undefined
      ? []
      : [`<img src="${escapeHtml(frame.logoUrl)}" alt="${escapeHtml(frame.appName)}" style="max-height:40px">`]),
    `<h1 style="font-size:20px">${escapeHtml(content.titlePlain)}</h1>`,
    ...(isGreeted ? [`<p>${escapeHtml(greeting)}</p>`] : []),
    content.bodyHtml,
    ...(actions.length > 0 ? [`<p>${actions.map((action) => button(action, frame)).join(' ')}</p>`] : []),
    `<hr style="border:0;border-top:1px solid #e7e5e4;margin:32px 0 16px">`,
    `<p style="font-size:12px;color:#78716c">© ${frame.year} ${escapeHtml(frame.appName)} · ${link(frame.baseUrl)}<br>`,
    `${link(settingsUrl, 'Notification settings')} · ${link(unsubscribeUrl, 'No more of these')}</p>`,
    '</div></body></html>',
  ];
  return { subject: content.titlePlain, text: `${text.join('\n\n')}\n`, html: html.join('\n'), unsubscribeUrl };
}

function button({ label, url }: { readonly label: string; readonly url: string }, frame: MailFrame): string {
  const style = 'display:inline-block;padding:10px 16px;background:#1c1917;color:#ffffff;text-decoration:none';
  return `<a href="${escapeHtml(linkOf(url, frame))}" style="${style}">${escapeHtml(label)}</a>`;
}

/** Makes a path absolute, since an e-mail has no base URL. */
function linkOf(url: string, { baseUrl }: MailFrame): string {
  return url.startsWith('/') ? baseUrl + url : url;
}

function link(url: string, text = url): string {
  return `<a href="${escapeHtml(url)}" style="color:#78716c">${escapeHtml(text)}</a>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
