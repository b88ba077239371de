import type { Catalog } from '../../strings.ts';
import { en, type PreferencesKey } from './en.ts';

export type { PreferencesKey };

/** The texts of `<tidings-preferences>`. */
export const preferencesTexts: Catalog<PreferencesKey> = {
  en,
  load: {
    de: () => import('./de.ts'),
    fr: () => import('./fr.ts'),
    es: () => import('./es.ts'),
    zh: () => import('./zh.ts'),
    ar: () => import('./ar.ts'),
  },
};
