import { escapeHtml } from '../../escape-html.ts';
import { colors, font, mailStyle } from './mail-style.ts';

/** The content of an e-mail; `content` and `footer` are HTML, the rest is text. */
export interface MailPage {
  /** The language of the texts, as a BCP 47 tag. */
  readonly language: string;
  readonly title: string;
  /** Shown beside the subject in lists of mails, but not in the mail itself. */
  readonly preheader: string;
  readonly content: readonly string[];
  readonly buttons: readonly MailButton[];
  readonly appName: string;
  readonly logoUrl: string | undefined;
  readonly footer: readonly string[];
}

export interface MailButton {
  readonly label: string;
  readonly url: string;
}

const table = 'role="presentation" width="100%" cellpadding="0" cellspacing="0"';

/**
 * The HTML of an e-mail: one card with logo, title, content and buttons, laid out by tables, which all mail programs
 * support.
 */
export function mailPage({ language, title, preheader, content, buttons, appName, logoUrl, footer }: MailPage): string {
  // A button has a margin of 10 pixels below it.
  const hasButtons = buttons.length > 0;
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">`,
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title><style>${mailStyle}</style></head>`,
    `<body style="margin:0;padding:0;background:${colors.ground}">`,
    `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preheader)}${filler}</div>`,
    `<table class="ground" ${table} style="background:${colors.ground}"><tr>`,
    `<td class="outer" align="center" style="padding:40px 16px;font-family:${font}">`,
    `<table ${table} style="max-width:580px;table-layout:fixed"><tr>`,
    `<td class="card" style="background:${colors.card};border:1px solid ${colors.line};border-radius:12px">`,
    `<table ${table} style="table-layout:fixed"><tr>`,
    `<td class="inner" style="padding:36px 40px ${hasButtons ? 30 : 40}px;overflow-wrap:anywhere;word-break:break-word">`,
    brand(appName, logoUrl),
    `<h1 class="title" style="margin:28px 0 12px;font-size:24px;line-height:1.3;font-weight:700;letter-spacing:-.01em;color:${colors.title}">${escapeHtml(title)}</h1>`,
    `<div class="content" style="font-size:16px;line-height:1.6;color:${colors.text}">`,
    ...content,
    '</div>',
    ...(hasButtons ? [`<div style="padding-top:24px">${buttons.map(button).join('')}</div>`] : []),
    '</td></tr></table></td></tr>',
    `<tr><td class="foot" align="center" style="padding:24px;font-size:13px;line-height:1.7;color:${colors.soft}">${footer.join(' &nbsp;·&nbsp; ')}</td></tr>`,
    '</table></td></tr></table></body></html>',
  ].join('\n');
}

/** Keeps lists of mails from showing the title again after a short preheader. */
const filler = '&#8199;&#65279;&#847; '.repeat(20).trimEnd();

/** The logo; without a logo, the name of the application beside its first letter, which needs no image. */
function brand(appName: string, logoUrl: string | undefined): string {
  const name = escapeHtml(appName);
  if (logoUrl !== undefined) {
    return `<img src="${escapeHtml(logoUrl)}" alt="${name}" height="32" style="display:block;height:32px;max-width:240px;border:0;font-size:15px;font-weight:600">`;
  }
  const [initial = ''] = appName.trim().toUpperCase();
  return [
    '<table role="presentation" cellpadding="0" cellspacing="0"><tr>',
    `<td aria-hidden="true" align="center" width="28" height="28" style="width:28px;height:28px;border-radius:8px;background:${colors.accent};color:${colors.onAccent};font-size:15px;line-height:28px;font-weight:700">${escapeHtml(initial)}</td>`,
    `<td class="title" style="padding-left:10px;font-size:15px;line-height:28px;font-weight:600;color:${colors.title}">${name}</td>`,
    '</tr></table>',
  ].join('');
}

/** A button; the first one is the most important. Buttons are side by side, or below each other on a phone. */
function button({ label, url }: MailButton, index: number): string {
  const [kind, style] =
    index === 0
      ? ['button primary', `background:${colors.accent};border:1px solid ${colors.accent};color:${colors.onAccent}`]
      : ['button', `background:${colors.card};border:1px solid #d0d3da;color:${colors.title}`];
  return `<a class="${kind}" href="${escapeHtml(url)}" style="display:inline-block;margin:0 10px 10px 0;padding:10px 20px;border-radius:8px;${style};font-size:15px;line-height:24px;font-weight:600;text-align:center;text-decoration:none">${escapeHtml(label)}</a>`;
}

export function link(url: string, text: string): string {
  return `<a href="${escapeHtml(url)}" style="color:${colors.soft};text-decoration:underline">${escapeHtml(text)}</a>`;
}
