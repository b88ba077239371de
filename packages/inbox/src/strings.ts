import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { defaults } from './defaults.ts';
import { fillIn, type Locale, localeOf, type Texts, type Values } from './format-text.ts';

/** The texts of one element: English at once, the others when they are needed. */
export interface Catalog<Key extends string> {
  readonly en: Texts<Key>;
  readonly load: Readonly<Record<Exclude<Locale, 'en'>, () => Promise<{ readonly default: Texts<Key> }>>>;
}

/** An element whose texts depend on these properties. */
export interface LocalizedHost extends ReactiveControllerHost, HTMLElement {
  /** A language tag. Default: that of `configure`, then the `lang` of the page, then that of the browser. */
  readonly locale: string | undefined;
  /** Replaces single texts. */
  readonly strings: Readonly<Partial<Texts>> | undefined;
}

/** The texts of an element in its language. English is shown until those of another language are loaded. */
export class Localizer<Key extends string> implements ReactiveController {
  /** The language tag for dates and numbers. */
  tag = 'en';
  #locale: Locale = 'en';
  #wanted: Locale = 'en';
  #texts: Texts<Key>;
  readonly #host: LocalizedHost;
  readonly #catalog: Catalog<Key>;

  constructor(host: LocalizedHost, catalog: Catalog<Key>) {
    this.#host = host;
    this.#catalog = catalog;
    this.#texts = catalog.en;
    host.addController(this);
  }

  /** The direction of the text: the host's `dir`, else that of the language. */
  get dir(): 'ltr' | 'rtl' {
    const given = this.#host.dir;
    if (given === 'ltr' || given === 'rtl') return given;
    return this.#locale === 'ar' ? 'rtl' : 'ltr';
  }

  hostUpdate(): void {
    const tag = this.#host.locale || defaults.locale || pageLanguage(this.#host) || 'en';
    const locale = localeOf(tag);
    if (locale === this.#wanted) {
      if (locale === this.#locale) this.tag = tagOf(tag, locale);
      return;
    }
    this.#wanted = locale;
    if (locale === 'en') {
      this.#use(this.#catalog.en, tag, locale);
      return;
    }
    this.#catalog.load[locale]().then(
      (texts) => {
        if (this.#wanted !== locale) return;
        this.#use(texts.default, tag, locale);
        this.#host.requestUpdate();
      },
      () => {
        // Offline, for example. The next update tries again.
        if (this.#wanted === locale) this.#wanted = this.#locale;
      },
    );
  }

  #use(texts: Texts<Key>, tag: string, locale: Locale): void {
    this.#texts = texts;
    this.#locale = locale;
    this.tag = tagOf(tag, locale);
  }

  /** A text with its placeholders filled in. */
  text = (key: Key, values: Values = {}): string => {
    const text = this.#host.strings?.[key] ?? defaults.strings?.[key] ?? this.#texts[key];
    return fillIn(text, values, this.tag);
  };
}

function pageLanguage(host: HTMLElement): string | undefined {
  if (typeof document === 'undefined') return undefined;
  return host.closest<HTMLElement>('[lang]')?.lang || document.documentElement.lang || navigator.language;
}

/** The tag, if `Intl` knows it and it is of the language of the texts. */
function tagOf(tag: string, locale: Locale): string {
  try {
    if (new Intl.Locale(tag).language === locale) return tag;
  } catch {
    // It is not a language tag.
  }
  return locale;
}
