import MarkdownIt, { type MarkdownItOptions } from 'markdown-it';

const plain = new MarkdownIt();

/** Removes unnecessary percent-encoding from an address. */
export function readableAddress(address: string): string {
  return plain.normalizeLinkText(address);
}

/** Number of characters that reference links may add to any text, even to a shorter one. */
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
    let remaining = Math.max(src.length, minExpansion);
    env.references = new Proxy(references, {
      get(target, label: string) {
        const reference = target[label];
        if (reference === undefined) return undefined;
        remaining -= reference.href.length + reference.title.length;
        return remaining < 0 ? undefined : reference;
      },
    });
  });
  return reader;
}
