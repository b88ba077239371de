import MarkdownIt, { type MarkdownItOptions } from 'markdown-it';

const plain = new MarkdownIt();

/** An address as a person would write it, without percent signs where they are not needed. */
export function readableAddress(address: string): string {
  return plain.normalizeLinkText(address);
}

/** Characters that links by reference may add to a text that is shorter itself. */
const leastExpansion = 100_000;

/**
 * A reader of GFM. A link by reference repeats its address wherever it is used: what that adds is bounded by the length
 * of the text, as the reference implementation of GFM does it; what is over the bound is no link.
 */
export function createMarkdownReader(options: MarkdownItOptions) {
  const reader = new MarkdownIt(options);
  reader.core.ruler.after('block', 'bounded_references', ({ env, src }) => {
    const references: Record<string, { href: string; title: string }> | undefined = env.references;
    if (references === undefined) return;
    let left = Math.max(src.length, leastExpansion);
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
