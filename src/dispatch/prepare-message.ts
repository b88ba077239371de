import type { RenderHelpers } from '../templates/model.ts';
import { passwordResetTexts } from '../templates/password-reset-texts.ts';
import { renderTemplate, writtenText } from '../templates/render.ts';
import type { NewStatus } from './delivery-status.ts';
import { expiredReason } from './delivery-status.ts';
import type { LeasedDelivery } from './lease.ts';
import { failureReason, type Message } from './methods/method.ts';
import { readPayload } from './payload.ts';
import type { Renderer } from './renderer.ts';
import type { WorkerContext } from './worker.ts';

/** Renders the message of a leased delivery; or returns the status to store if it must not or cannot be sent. */
export function prepareMessage(
  { rules, render, helpers }: WorkerContext,
  delivery: LeasedDelivery,
): { readonly message: Message } | { readonly newStatus: NewStatus } {
  if (delivery.is_expired) return { newStatus: { status: 'inhibited', reason: expiredReason } };
  if (delivery.is_disabled) return { newStatus: { status: 'inhibited', reason: 'disabled by user' } };
  if (delivery.is_suspended) return { newStatus: { status: 'inhibited', reason: 'user is suspended' } };
  if (delivery.attempt_count >= rules.maxAttempts) {
    return { newStatus: { status: 'permanent_failure', reason: 'no attempts are left' } };
  }
  try {
    const current = helpers();
    const message = toMessage(delivery, render, current);
    const { password_reset: reset } = message.payload;
    if (reset !== undefined && Date.parse(reset.expires_at) <= current.now.getTime()) {
      return { newStatus: { status: 'inhibited', reason: 'the link has expired' } };
    }
    return { message };
  } catch (error) {
    return { newStatus: { status: 'permanent_failure', reason: failureReason(error) } };
  }
}

/** @throws TemplateError and Error when the template or the payload is faulty, so that no attempt can succeed. */
export function toMessage(delivery: LeasedDelivery, render: Renderer, helpers: RenderHelpers): Message {
  const { id, template_id: templateId, template, user, traceparent } = delivery;
  const payload = readPayload(delivery.payload);
  const { written, password_reset: reset } = payload;
  if (reset !== undefined) {
    const { template: texts } = passwordResetTexts(reset.language);
    const content = renderTemplate(texts, { ...payload, ...user, data: null }, helpers);
    return { id, templateId, user, payload, content, traceparent };
  }
  if (written !== undefined) {
    return { id, templateId, user, payload, content: writtenText(written.subject, written.message ?? ''), traceparent };
  }
  if (template === null) throw new Error('the message has neither a template nor a text of its own');
  return { id, templateId, user, payload, content: render({ template, payload, user, helpers }), traceparent };
}
