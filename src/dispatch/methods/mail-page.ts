import { escapeHtml } from '../../escape-html.ts';

/** The content of an e-mail; `rows` and `footer` are HTML, the rest is text. */
export interface MailPage {
  readonly title: string;
  /** Shown beside the subject in lists of mails, and nowhere in the mail itself. */
  readonly preheader: string;
  readonly rows: readonly string[];
  readonly appName: string;
  readonly logoUrl: string | undefined;
  readonly footer: readonly string[];
}

const font = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

/**
 * Mail programs that ignore style sheets use the `style` attributes of the elements. In other programs, this style
 * sheet adds dark colours, if the reader prefers them, and the full width of a phone.
 */
const style = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
.content p{margin:0 0 16px}.content ul,.content ol{margin:0 0 16px;padding-left:24px}.content li{margin:0 0 6px}
.content pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f5;border-radius:8px;padding:12px 14px;font-size:14px}
.content h1,.content h2,.content h3{font-size:17px;line-height:1.4;margin:24px 0 8px}.content code{font-size:14px}.content img{max-width:100%;height:auto}
.content blockquote{margin:0 0 16px;padding-left:14px;border-left:3px solid #e4e4e7;color:#52525b}
@media (max-width:600px){.outer{padding:0!important}.card{border-radius:0!important;border-left:0!important;border-right:0!important}
.inner{padding:28px 20px!important}.button{display:block!important;text-align:center!important}.gap{display:block!important}}
@media (prefers-color-scheme:dark){body,.ground{background:#111113!important}
.card{background:#1c1c1f!important;border-color:#303036!important}.content,.title{color:#ececee!important}
.content a{color:#9db7ff!important}.button{background:#ececee!important;color:#18181b!important}.foot,.foot a{color:#a1a1aa!important}
.content pre{background:#27272a!important}.content blockquote{border-color:#3f3f46!important;color:#a1a1aa!important}
.content .button{color:#18181b!important}}
`;

/**
 * The HTML of an e-mail: one card with logo, title, content and footer, laid out by tables, which all mail programs
 * support.
 */
export function mailPage({ title, preheader, rows, appName, logoUrl, footer }: MailPage): string {
  const name = escapeHtml(appName);
  const brand =
    logoUrl === undefined
      ? `<span class="title" style="font-size:15px;font-weight:600;color:#18181b">${name}</span>`
      : `<img src="${escapeHtml(logoUrl)}" alt="${name}" height="32" style="display:block;height:32px;max-width:240px;border:0">`;
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title><style>${style}</style></head>`,
    `<body style="margin:0;padding:0;background:#f4f4f5">`,
    `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preheader)}${filler}</div>`,
    `<table class="ground" role="presentation" width="100%" cellpadding="0" cellspacing="0" style="background:#f4f4f5"><tr>`,
    `<td class="outer" align="center" style="padding:32px 16px">`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="max-width:580px"><tr>`,
    `<td class="card" style="background:#ffffff;border:1px solid #e4e4e7;border-radius:12px">`,
    `<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr>`,
    `<td class="inner" style="padding:36px 40px;font-family:${font}">`,
    brand,
    `<h1 class="title" style="margin:24px 0 16px;font-size:22px;line-height:1.3;font-weight:650;color:#18181b">${escapeHtml(title)}</h1>`,
    `<div class="content" style="font-size:16px;line-height:1.6;color:#27272a">`,
    ...rows,
    '</div></td></tr></table></td></tr>',
    `<tr><td class="foot" align="center" style="padding:20px 24px;font:13px/1.6 ${font};color:#71717a">${footer.join('<br>')}</td></tr>`,
    '</table></td></tr></table></body></html>',
  ].join('\n');
}

/** Keeps lists of mails from showing the title again after a short preheader. */
const filler = '&#8199;&#65279;&#847; '.repeat(20).trimEnd();

/** Buttons side by side, or below each other on a phone. */
export function buttons(all: readonly { readonly label: string; readonly url: string }[]): string {
  const style =
    'display:inline-block;padding:11px 20px;border-radius:8px;background:#18181b;color:#ffffff;font-weight:600;font-size:15px;text-decoration:none';
  const links = all.map(
    ({ label, url }) =>
      `<a class="button" href="${escapeHtml(url)}" style="${style}">${escapeHtml(label)}</a><span class="gap" style="display:inline-block;width:10px;height:10px"></span>`,
  );
  return `<div style="margin:24px 0 0">${links.join('')}</div>`;
}

export function link(url: string, text: string): string {
  return `<a href="${escapeHtml(url)}" style="color:#71717a;text-decoration:underline">${escapeHtml(text)}</a>`;
}
