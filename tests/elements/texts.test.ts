import { describe, expect, it } from '@jest/globals';
import { fillIn, localeOf, locales, type Text, type Texts } from '../../packages/inbox/src/format-text.ts';
import { bellTexts } from '../../packages/inbox/src/strings/bell/catalog.ts';
import { inboxTexts } from '../../packages/inbox/src/strings/inbox/catalog.ts';
import { preferencesTexts } from '../../packages/inbox/src/strings/preferences/catalog.ts';
import type { Catalog } from '../../packages/inbox/src/strings.ts';

const catalogs: readonly (readonly [string, Catalog<string>])[] = [
  ['bell', bellTexts],
  ['inbox', inboxTexts],
  ['preferences', preferencesTexts],
];
const cases = catalogs.flatMap(([element, catalog]) => locales.map((locale) => [element, locale, catalog] as const));

async function textsOf(catalog: Catalog<string>, locale: (typeof locales)[number]): Promise<Texts> {
  return locale === 'en' ? catalog.en : (await catalog.load[locale]()).default;
}

const variants = (text: Text): readonly string[] => (typeof text === 'string' ? [text] : Object.values(text));
const placeholders = (text: string): readonly string[] => [...new Set(text.match(/\{\w*\}/g))].sort();

/** All placeholders of all variants: a variant such as "one new notification" may omit the number. */
const allPlaceholders = (text: Text): readonly string[] => placeholders(variants(text).join());

describe.each(cases)('the texts of the %s in %s', (_element, locale, catalog) => {
  it('are all there, in the order of their keys, and not empty', async () => {
    const texts = await textsOf(catalog, locale);

    expect(Object.keys(texts)).toEqual(Object.keys(catalog.en));
    expect(Object.keys(texts)).toEqual(Object.keys(texts).toSorted());
    const blank = Object.entries(texts).filter(([, text]) => variants(text).some((variant) => variant.trim() === ''));
    expect(blank).toEqual([]);
  });

  it('have the placeholders of the English ones', async () => {
    const texts = await textsOf(catalog, locale);

    for (const [key, text] of Object.entries(texts)) {
      expect([key, allPlaceholders(text)]).toEqual([key, allPlaceholders(catalog.en[key] ?? '')]);
    }
  });

  it('have exactly the plural categories of the language', async () => {
    const texts = await textsOf(catalog, locale);
    const needed = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();

    for (const [key, text] of Object.entries(texts)) {
      const isPlural = typeof text !== 'string';
      expect([key, isPlural]).toEqual([key, typeof catalog.en[key] !== 'string']);
      if (isPlural) expect([key, Object.keys(text).toSorted()]).toEqual([key, needed]);
    }
  });
});

describe('a text', () => {
  it('is chosen by the plural category of its number', () => {
    const text = { one: '{count} row', other: '{count} rows' };

    expect([1, 2, 1200].map((count) => fillIn(text, { count }, 'en'))).toEqual(['1 row', '2 rows', '1,200 rows']);
    expect(fillIn(text, { count: 1200 }, 'de')).toBe('1.200 rows');
  });

  it('keeps placeholders without a value and never fills a value in twice', () => {
    expect(fillIn('{name}: {other}', { name: '{other}' }, 'en')).toBe('{other}: {other}');
  });

  it.each([
    ['de-AT', 'de'],
    ['zh_CN', 'zh'],
    ['AR-eg', 'ar'],
    ['pt-BR', 'en'],
    ['', 'en'],
    ['deu', 'en'],
  ])('for the language tag %j is that of %s', (tag, locale) => {
    expect(localeOf(tag)).toBe(locale);
  });
});
