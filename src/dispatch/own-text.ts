import { unstorable } from '../checks.ts';
import { failedValidation } from '../errors.ts';
import { templateIds } from '../templates/model.ts';
import { isStorable } from '../values.ts';
import type { NewMessage, TemplateMessage } from './input.ts';

/** Maximum bytes (UTF-8) of a text of the sender's own. */
export const customLimits = { title: 120, message: 2000 } as const;

/**
 * The labels of the template *Custom Notification* for a text of the sender's own.
 * @throws ServiceError FAILED_VALIDATION of `title` or `message` that is blank (type `required`) or longer than
 * `customLimits` (type `length`), with a sentence as `reason`
 */
export function customLabels({ title, message }: { readonly title: unknown; readonly message: unknown }) {
  return { custom_title: checkText('title', title), custom_message: checkText('message', message) };
}

/**
 * Replaces the title and text of a message by the template that passes them on.
 * @throws ServiceError FAILED_VALIDATION unless exactly one of a template and a text is given, and as `customLabels`
 */
export function withTemplate({ template, title, message, ...rest }: NewMessage): TemplateMessage {
  const hasText = (title ?? message ?? null) !== null;
  const hasTemplate = (template ?? null) !== null;
  if (hasTemplate === hasText) {
    throw failedValidation('template', 'required', 'give either "template", or "title" and "message"');
  }
  if (typeof template === 'string') return { ...rest, template };
  if ((rest.labels ?? null) !== null) {
    throw failedValidation('labels', 'template', 'belongs to "template"; "title" and "message" need no labels');
  }
  return { ...rest, template: templateIds.custom, labels: customLabels({ title, message }) };
}

function checkText(field: keyof typeof customLimits, value: unknown): string {
  const limit = customLimits[field];
  const fault = (type: string, reason: string) => failedValidation(field, type, reason, { reason });
  if (typeof value !== 'string' || value.trim() === '') throw fault('required', `${field} must not be blank`);
  if (!isStorable(value)) throw fault('string', `${field} ${unstorable}`);
  if (Buffer.byteLength(value) > limit) throw fault('length', `${field} must be at most ${limit} bytes long`);
  return value;
}
