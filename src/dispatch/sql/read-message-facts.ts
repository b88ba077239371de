import { statement } from '../../database/statement.ts';
import type { Template } from '../../generated/prisma/client.ts';
import type { TemplateFacts } from '../../preferences/decide.ts';
import type { StoredFacts } from '../../preferences/facts.ts';
import { factsSql, templateFactsSql } from '../../preferences/sql/facts.ts';

/** A template as enqueuing uses it. */
export interface TemplateRow
  extends Pick<Template, 'id' | 'name' | 'method' | 'title_template' | 'body_template' | 'actions'> {
  readonly template_facts: TemplateFacts;
  /** What the recipients chose; null if none of them chose anything. */
  readonly facts: StoredFacts | null;
}

/**
 * Reads a template and what the recipients of its message chose: everything that decides about the message, in one
 * statement whatever the number of recipients. Measured by bench `enqueue`.
 */
export const readMessageFacts = statement<TemplateRow>()({
  name: 'read_message_facts',
  text: `select id, name, method, title_template, body_template, actions,
                ${templateFactsSql('templates')} as template_facts,
                ${factsSql('$2::uuid[]', 'array[$1::uuid]')} as facts
         from templates where id = $1::uuid`,
  values: (template: string, recipients: readonly string[]) => [template, recipients],
});
