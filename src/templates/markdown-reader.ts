import MarkdownIt, { type MarkdownItOptions } from 'markdown-it';

const plain = new MarkdownIt();

/** An address without unnecessary percent-encoding. */
export function readableAddress(address: string): string {
  return plain.normalizeLinkText(address);
}

/** Number of characters that reference links may always add, also to a shorter text. */
const minExpansion = 100_000;

/**
 * A GFM parser. Each use of a reference link repeats its address; as in the reference implementation of GFM, the added
 * text is limited by the length of the document, and references beyond the limit are not links.
 */
export function createMarkdownReader(options: MarkdownItOptions) {
  const reader = new MarkdownIt(options);
  reader.core.ruler.after('block', 'bounded_references', ({ env, src }) => {
    const references: Record<string, { href: string; title: string }> | undefined = env.references;
    if (references === undefined) return;
    let left = Math.max(src.length, minExpansion);
    env.references = new Proxy(references, {
      get(known, label: string) {
        const reference = known[label];
        if (reference === undefined) return undefined;
        left -= reference.href.length + reference.title.length;
        return left < 0 ? undefined : reference;
      },
    });
  });
  return reader;
}
