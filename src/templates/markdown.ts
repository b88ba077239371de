import sanitizeHtml from 'sanitize-html';
import { createMarkdownReader } from './markdown-reader.ts';

/** Parser for text written by people: GFM with HTML; addresses become links. */
const written = createMarkdownReader({ html: true, linkify: true });
// An address needs a scheme, so `README.md` is not a link.
written.linkify.set({ fuzzyLink: false });

/** Parser for rendered templates: HTML and addresses stay text. */
const rendered = createMarkdownReader({ html: false, linkify: false });

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'p', 'div', 'span', 'br', 'hr', 'blockquote', 'pre', 'details', 'summary'],
    ...['strong', 'b', 'em', 'i', 'u', 's', 'del', 'ins', 'mark', 'small', 'sub', 'sup', 'code', 'kbd', 'a', 'img'],
    ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
  ],
  allowedAttributes: {
    a: ['href', 'title'],
    img: ['src', 'alt', 'title', 'width', 'height'],
    ol: ['start'],
    th: ['style', 'colspan', 'rowspan'],
    td: ['style', 'colspan', 'rowspan'],
  },
  allowedStyles: { '*': { 'text-align': [/^(left|center|right)$/] } },
  // Without an `alt` text, screen readers read the address of the image.
  transformTags: { img: (tagName, attribs) => ({ tagName, attribs: { alt: '', ...attribs } }) },
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
};

/**
 * Converts Markdown written by people, with HTML in it, to safe HTML: scripts, styles, forms, frames, event handlers,
 * `javascript:` links and everything else off the allow-list is removed; links stay.
 */
export function markdownToSafeHtml(markdown: string): string {
  return sanitizeHtml(written.render(markdown), allowed).trim();
}

/**
 * Converts rendered template Markdown to safe HTML. HTML in it is shown as text, and plain addresses are not linked.
 */
export function templateMarkdownToHtml(markdown: string): string {
  return sanitizeHtml(rendered.render(markdown), allowed).trim();
}
