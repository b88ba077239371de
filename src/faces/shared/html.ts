import { createHash } from 'node:crypto';
import { escapeHtml } from '../../escape-html.ts';

/** A page that loads nothing from other hosts. */
export interface Page {
  readonly title: string;
  /** HTML; the caller has escaped the values in it. */
  readonly body: string;
  readonly style: string;
  readonly script?: string;
  /** The relative path from the page to the root of the service, such as `../`. */
  readonly root: string;
  /** HTML for the head, such as links to files of this service; `pageHeaders` must allow what it loads. */
  readonly head?: string;
}

/** Writes a page. Style and script are inline, and the policy of `pageHeaders` names them by their hashes. */
export function writePage({ title, body, style, script, root, head }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="${root}icon.svg" type="image/svg+xml">
<style>${style}</style>
${head === undefined ? '' : `${head}\n`}</head>
<body>
${body}
${script === undefined ? '' : `<script>${script}</script>\n`}</body>
</html>
`;
}

/**
 * The headers of a page: only its own style and script are used, nothing is loaded from other hosts, and it cannot be
 * framed.
 * @param hasForm true for a page whose form is sent to this host
 * @param sources directives of the policy that differ, such as `script-src`
 */
export function pageHeaders(
  { style, script, hasForm = false }: Pick<Page, 'style' | 'script'> & { readonly hasForm?: boolean },
  sources: Readonly<Record<string, string>> = {},
) {
  const policy = {
    'default-src': "'none'",
    'style-src': `'${hashOf(style)}'`,
    ...(script !== undefined && { 'script-src': `'${hashOf(script)}'`, 'connect-src': "'self'" }),
    'img-src': "'self'",
    'base-uri': "'none'",
    'form-action': hasForm ? "'self'" : "'none'",
    'frame-ancestors': "'none'",
    ...sources,
  };
  return {
    'content-security-policy': Object.entries(policy)
      .map((directive) => directive.join(' '))
      .join('; '),
    'x-frame-options': 'DENY',
    // The address of the page may contain a token.
    'referrer-policy': 'no-referrer',
  };
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
