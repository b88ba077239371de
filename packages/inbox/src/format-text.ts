/** Locales with texts of their own. */
export const locales = ['en', 'de', 'fr', 'es', 'zh', 'ar'] as const;
export type Locale = (typeof locales)[number];

/** A text with `{name}` placeholders; where it depends on a number, one for each plural category of its language. */
export type Text = string | (Partial<Readonly<Record<Intl.LDMLPluralRule, string>>> & { readonly other: string });

/** Texts by key. */
export type Texts<Key extends string = string> = Readonly<Record<Key, Text>>;

/** Values of placeholders. `count` also decides on the plural category. */
export type Values = Readonly<Record<string, string | number>>;

/** The locale with texts for a language tag such as `de-AT`: English when there are none. */
export function localeOf(tag: string): Locale {
  const language = tag.toLowerCase().split(/[-_]/)[0];
  return locales.find((locale) => locale === language) ?? 'en';
}

/** Fills in the placeholders of a text. @param tag the language tag that numbers are written for */
export function fillIn(text: Text, values: Values, tag: string): string {
  const { count } = values;
  const chosen =
    typeof text === 'string' ? text : (text[new Intl.PluralRules(tag).select(Number(count ?? 0))] ?? text.other);
  return chosen.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(tag) : (value ?? placeholder);
  });
}
