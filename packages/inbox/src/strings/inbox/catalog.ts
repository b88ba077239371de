import type { Catalog } from '../../strings.ts';
import { en, type InboxKey } from './en.ts';

export type { InboxKey };

/** The texts of `<tidings-inbox>`. */
export const inboxTexts: Catalog<InboxKey> = {
  en,
  load: {
    de: () => import('./de.ts'),
    fr: () => import('./fr.ts'),
    es: () => import('./es.ts'),
    zh: () => import('./zh.ts'),
    ar: () => import('./ar.ts'),
  },
};
