/** The languages that are offered when the page names none. */
const usual = [
  ...['ar', 'bg', 'bn', 'ca', 'cs', 'da', 'de', 'el', 'en', 'es', 'et', 'fa', 'fi', 'fr', 'he', 'hi', 'hr', 'hu', 'id'],
  ...['it', 'ja', 'ko', 'lt', 'lv', 'ms', 'nb', 'nl', 'pl', 'pt', 'pt-BR', 'ro', 'ru', 'sk', 'sl', 'sr', 'sv', 'ta'],
  ...['th', 'tr', 'uk', 'ur', 'vi', 'zh', 'zh-TW'],
];

export interface Language {
  readonly tag: string;
  /** Its name in itself, such as `Deutsch`. */
  readonly name: string;
}

/**
 * The languages to choose from, by name.
 * @param offered tags separated by commas or spaces; default: the usual ones
 * @param stored the user's, which is always among them
 */
export function listLanguages(offered: string | undefined, stored: string | null, locale: string): readonly Language[] {
  const tags = (offered ?? '').split(/[\s,]+/).filter((tag) => tag !== '');
  const all = new Set([...(tags.length > 0 ? tags : usual), ...(stored === null || stored === '' ? [] : [stored])]);
  return [...all].map((tag) => ({ tag, name: nameOf(tag) })).sort((a, b) => a.name.localeCompare(b.name, locale));
}

function nameOf(tag: string): string {
  try {
    const name = new Intl.DisplayNames(tag, { type: 'language' }).of(tag) ?? tag;
    const [first = '', ...rest] = name;
    return first.toLocaleUpperCase(tag) + rest.join('');
  } catch {
    // Any text may be stored as a language.
    return tag;
  }
}
