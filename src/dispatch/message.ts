import type { RenderHelpers } from '../templates/model.ts';
import { writtenText } from '../templates/render.ts';
import type { LeasedRow } from './lease.ts';
import type { Message } from './methods/method.ts';
import { readPayload } from './payload.ts';
import type { Renderer } from './rendered-cache.ts';

/**
 * A leased row as a message that can be delivered.
 * @throws TemplateError and Error when it never can be: the template or the payload is faulty.
 */
export function toMessage(row: LeasedRow, render: Renderer, helpers: RenderHelpers): Message {
  const { id, template_id: templateId, template, user } = row;
  const payload = readPayload(row.payload);
  const { written } = payload;
  if (written !== undefined) {
    return { id, templateId, user, payload, content: writtenText(written.subject, written.message ?? '') };
  }
  if (template === null) throw new Error('the message has neither a template nor words of its own');
  return { id, templateId, user, payload, content: render({ template, payload, user, helpers }) };
}
