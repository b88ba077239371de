import { en, type WordKey, type Words } from './words/en.ts';

export type { WordKey };

const languages: Readonly<Record<string, () => Promise<{ readonly words: Words }>>> = {
  ar: () => import('./words/ar.ts'),
  de: () => import('./words/de.ts'),
  es: () => import('./words/es.ts'),
  fr: () => import('./words/fr.ts'),
  zh: () => import('./words/zh.ts'),
};
/** The language that the last user of this browser has chosen. */
const languageKey = 'tidings-language';

let words: Words = en;
let language = 'en';

/**
 * Loads the texts of the first of these languages that there are texts in.
 * @param chosen the language of the user; undefined: nobody is signed in
 * @returns whether the language has changed
 */
export async function chooseLanguage(chosen: string | null | undefined): Promise<boolean> {
  if (chosen) localStorage.setItem(languageKey, chosen);
  const wanted = [chosen ?? localStorage.getItem(languageKey) ?? [], navigator.languages].flat();
  const found = wanted.find((each) => baseOf(each) === 'en' || baseOf(each) in languages) ?? 'en';
  if (found === language) return false;
  // Offline, a text that was never loaded is missing.
  words = (await languages[baseOf(found)]?.().catch(() => undefined))?.words ?? en;
  language = found;
  const { documentElement } = document;
  documentElement.lang = found;
  documentElement.dir = baseOf(found) === 'ar' ? 'rtl' : 'ltr';
  return true;
}

const baseOf = (tag: string) => tag.toLowerCase().split('-', 1)[0] ?? '';

/** A text in the language of the page. */
export function say(key: WordKey, values: Readonly<Record<string, string>> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** A number of seconds in words, such as `5 minutes`. */
export function inWords(seconds: number): string {
  const [amount, unit] = seconds < 90 ? [Math.ceil(seconds), 'second'] : [Math.ceil(seconds / 60), 'minute'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount);
}
