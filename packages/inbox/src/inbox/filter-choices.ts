import type { Ask } from '@tidings/client/request';
import type { FilterChoices } from './filter-form.ts';

interface Answer {
  readonly notification_categories: readonly {
    readonly key: string;
    readonly name: string;
    readonly hidden: boolean;
  }[];
  readonly notification_templates: readonly { readonly id: string; readonly name: string }[];
}

/** The categories and templates that notifications can be filtered by. @throws InboxError */
export async function readFilterChoices(ask: Ask): Promise<FilterChoices> {
  const { notification_categories: categories, notification_templates: templates } = await ask<Answer>(
    '{ notification_categories { key name hidden } notification_templates { id name } }',
  );
  return {
    categories: categories.filter(({ hidden }) => !hidden).map(({ key, name }) => ({ value: key, label: name })),
    templates: templates.map(({ id, name }) => ({ value: id, label: name })),
  };
}
