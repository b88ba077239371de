import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import '../../packages/inbox/src/index.ts';
import { describeElements } from './support/stage.ts';

interface Named {
  readonly name: string;
  readonly description: string;
}
interface Declaration extends Named {
  readonly tagName: string;
  readonly attributes: readonly Named[];
  readonly members: readonly Named[];
  readonly events: readonly Named[];
  readonly slots: readonly Named[];
  readonly cssParts: readonly Named[];
  readonly cssProperties: readonly Named[];
}
interface Manifest {
  readonly schemaVersion: string;
  readonly modules: readonly { readonly path: string; readonly declarations: readonly [Declaration] }[];
}
/** The classes that Lit's substitute of a browser registers in Node. */
interface Elements {
  get(tagName: string): { readonly observedAttributes: readonly string[] } | undefined;
}

const packageFile = (name: string) => fileURLToPath(new URL(`../../packages/inbox/${name}`, import.meta.url));
const { customElements } = globalThis as unknown as { readonly customElements: Elements };
const {
  manifestOf,
}: { readonly manifestOf: (sources: string, elementOf: (tagName: string) => unknown) => Promise<Manifest> } =
  await import(packageFile('manifest.mjs'));
const manifest = await manifestOf(packageFile('src'), (tagName) => customElements.get(tagName));
const declarations = manifest.modules.map(({ declarations: [declaration] }) => declaration);
const names = (list: readonly Named[]) => list.map(({ name }) => name).sort();

/** The text of all sources that an element's own folder has. */
async function sourcesOf({ tagName }: Declaration): Promise<string> {
  const folder = packageFile(`src/${tagName.slice('tidings-'.length)}`);
  const files = await readdir(folder, { recursive: true });
  return (
    await Promise.all(files.filter((file) => file.endsWith('.ts')).map((file) => readFile(join(folder, file), 'utf8')))
  ).join('\n');
}

describe('the manifest of the elements', () => {
  it('has all elements, and a text for everything', () => {
    expect(declarations.map(({ tagName }) => tagName)).toEqual([
      'tidings-bell',
      'tidings-inbox',
      'tidings-preferences',
    ]);
    for (const declaration of declarations) {
      const { attributes, members, events, slots, cssParts, cssProperties } = declaration;
      const all = [declaration, ...attributes, ...members, ...events, ...slots, ...cssParts, ...cssProperties];
      expect(all.filter(({ description }) => description === '').map(({ name }) => name)).toEqual([]);
    }
  });

  it.each(declarations)('$tagName has the attributes that the element observes', (declaration) => {
    const observed = customElements.get(declaration.tagName)?.observedAttributes ?? [];

    expect(names(declaration.attributes)).toEqual([...observed].sort());
  });

  it.each(declarations)('$tagName has the events that its sources dispatch', async (declaration) => {
    const sources = await sourcesOf(declaration);
    const dispatched = [...sources.matchAll(/(?<!addEventListener\()'(tidings-[a-z-]+)'/g)].map(([, name]) => name);
    const known = new Set(declarations.map(({ tagName }) => tagName));

    expect([...new Set(dispatched)].filter((name) => name !== undefined && !known.has(name)).sort()).toEqual(
      names(declaration.events),
    );
  });
});

/** What the shadow trees of elements contain, without those of other elements. */
interface Found {
  readonly parts: readonly string[];
  readonly slots: readonly string[];
  readonly properties: readonly string[];
}

const collect = `(tagName) => {
  const found = { parts: new Set(), slots: new Set(), properties: new Set() };
  const visit = (root) => {
    for (const element of root.querySelectorAll('*')) {
      for (const part of element.part) found.parts.add(part);
      if (element.localName === 'slot') found.slots.add(element.name);
    }
  };
  for (const { shadowRoot } of document.querySelectorAll(tagName)) {
    visit(shadowRoot);
    const rules = shadowRoot.adoptedStyleSheets.flatMap(({ cssRules }) => [...cssRules]).map(({ cssText }) => cssText);
    for (const [property] of rules.join(' ').matchAll(/--tidings-[a-z-]+/g)) found.properties.add(property);
  }
  return Object.fromEntries(Object.entries(found).map(([key, values]) => [key, [...values].sort()]));
}`;

describeElements('the manifest of the elements, compared with a page', (stage) => {
  it.each(declarations)(
    '$tagName has the parts, slots and custom properties of its shadow tree',
    async (declaration) => {
      const { tagName, cssParts, slots, cssProperties } = declaration;
      const alice = await stage.aUser('one', { subject: 'two', message: 'With *emphasis*.' });
      const device = await stage.device(alice);
      const page = await device.open(`<${tagName}></${tagName}>`);
      await page.waitForFunction(
        `document.querySelector('${tagName}').shadowRoot.querySelectorAll('[part]').length > 0`,
      );

      const { parts, slots: shownSlots, properties }: Found = await page.evaluate(`(${collect})('${tagName}')`);

      expect(parts).not.toEqual([]);
      expect(parts.filter((part) => !names(cssParts).includes(part))).toEqual([]);
      const documented = names(slots).map((slot) => slot.replace('<id>', '\\d+'));
      expect(shownSlots.filter((slot) => !new RegExp(`^(${documented.join('|')})$`).test(slot))).toEqual([]);
      expect(properties.filter((property) => !names(cssProperties).includes(property))).toEqual([]);
    },
  );

  it.each(declarations)('$tagName has no part and no custom property that its sources lack', async (declaration) => {
    const sources = await sourcesOf(declaration);
    const words = new Set(sources.match(/[a-z]+(-[a-z]+)*/g));

    expect(names(declaration.cssParts).filter((part) => !words.has(part))).toEqual([]);
    const styles = sources + (await readFile(packageFile('src/tokens.ts'), 'utf8'));
    expect(names(declaration.cssProperties).filter((property) => !styles.includes(`var(${property}`))).toEqual([]);
  });
});
