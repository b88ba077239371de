import { expect, it } from '@jest/globals';
import { words as ar } from '../../../packages/pages/src/words/ar.ts';
import { words as de } from '../../../packages/pages/src/words/de.ts';
import { en, type WordKey } from '../../../packages/pages/src/words/en.ts';
import { words as es } from '../../../packages/pages/src/words/es.ts';
import { words as fr } from '../../../packages/pages/src/words/fr.ts';
import { words as zh } from '../../../packages/pages/src/words/zh.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).toSorted();

it.each(Object.entries({ ar, de, es, fr, zh }))('the texts of the pages are complete: %s', (_language, words) => {
  expect(Object.keys(words).toSorted()).toEqual(Object.keys(en).toSorted());
  for (const [key, text] of Object.entries(en)) {
    const translated = words[key as WordKey];

    expect([key, placeholders(translated)]).toEqual([key, placeholders(text)]);
    expect([key, translated.trim()]).toEqual([key, expect.stringMatching(/\S/)]);
  }
});
