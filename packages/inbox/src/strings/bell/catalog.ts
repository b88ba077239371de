import type { Catalog } from '../../strings.ts';
import { type BellKey, en } from './en.ts';

export type { BellKey };

/** The texts of `<tidings-bell>`. */
export const bellTexts: Catalog<BellKey> = {
  en,
  load: {
    de: () => import('./de.ts'),
    fr: () => import('./fr.ts'),
    es: () => import('./es.ts'),
    zh: () => import('./zh.ts'),
    ar: () => import('./ar.ts'),
  },
};
