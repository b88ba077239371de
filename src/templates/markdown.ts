import sanitizeHtml from 'sanitize-html';
import { createMarkdownReader } from './markdown-reader.ts';

/** Reads what people wrote: GFM with HTML; addresses become links. */
const written = createMarkdownReader({ html: true, linkify: true });
// As GFM has it, an address needs its scheme: `README.md` is none.
written.linkify.set({ fuzzyLink: false });

/** Reads what templates render to: HTML is text, and an address in a value stays text. */
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
  allowedSchemes: ['http', 'https', 'mailto', 'tel'],
  allowProtocolRelative: false,
  disallowedTagsMode: 'discard',
};

/**
 * Markdown that people wrote, HTML and all, as HTML that is safe to show: what is not on the allow-list (scripts,
 * styles, forms, frames, handlers, `javascript:` links) is gone, links stay.
 */
export function markdownToSafeHtml(markdown: string): string {
  return sanitizeHtml(written.render(markdown), allowed).trim();
}

/** Markdown that a template rendered as safe HTML. HTML in it is shown as text; an address is no link by itself. */
export function templateMarkdownToHtml(markdown: string): string {
  return sanitizeHtml(rendered.render(markdown), allowed).trim();
}
