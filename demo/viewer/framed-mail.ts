/**
 * The headers of a mail's HTML, which is not trusted: it runs no script and loads nothing from anywhere, whether it is
 * framed or opened. Its links open in new windows.
 */
export const framedMailHeaders = {
  'content-security-policy': [
    'sandbox allow-popups allow-popups-to-escape-sandbox',
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    'img-src data:',
    "frame-ancestors 'self'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
} as const;

const schemeQuery = /\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi;

/**
 * The HTML of a mail as a reader with this colour scheme sees it. Browsers use the scheme of the system, so the media
 * queries of the mail's style are replaced by their results.
 */
export function framedMail(html: string, scheme: 'dark' | 'light'): string {
  const decided = html.replace(schemeQuery, (_query, wanted: string) =>
    wanted.toLowerCase() === scheme ? '(min-width:0)' : '(max-width:0)',
  );
  const added = `<base target="_blank"><style>:root{color-scheme:${scheme}!important}</style>`;
  return /<head[^>]*>/i.test(decided) ? decided.replace(/<head[^>]*>/i, `$&${added}`) : added + decided;
}
