import { decide } from '../preferences/decide.ts';
import { type RenderHelpers, templateIds } from '../templates/model.ts';
import { passwordResetTexts } from '../templates/password-reset-texts.ts';
import { renderTemplate, writtenText } from '../templates/render.ts';
import type { NewStatus } from './delivery-status.ts';
import { expiredReason } from './delivery-status.ts';
import type { LeasedDelivery } from './lease.ts';
import { afterQuietHours, leftOutReason, quietReason } from './left-out.ts';
import { failureReason, type Message } from './methods/method.ts';
import { readPayload } from './payload.ts';
import type { Renderer } from './renderer.ts';
import { inboxIdOf } from './sql/fragments.ts';
import type { WorkerContext } from './worker.ts';

/** Renders the message of a leased delivery; or returns the status to store if it must not or cannot be sent. */
export function prepareMessage(
  context: WorkerContext,
  delivery: LeasedDelivery,
): { readonly message: Message } | { readonly newStatus: NewStatus } {
  const { rules, render, helpers } = context;
  if (delivery.is_expired) return { newStatus: { status: 'inhibited', reason: expiredReason } };
  const unwanted = leftOutOrHeld(context, delivery);
  if (unwanted !== undefined) return { newStatus: unwanted };
  if (delivery.attempt_count >= rules.maxAttempts) {
    return { newStatus: { status: 'permanent_failure', reason: 'no attempts are left' } };
  }
  try {
    const current = helpers();
    const message = toMessage(delivery, render, current, itemOf(context, delivery));
    const { password_reset: reset, expires_at } = message.payload;
    if (expires_at !== undefined && Date.parse(expires_at) <= current.now.getTime()) {
      return { newStatus: { status: 'inhibited', reason: expiredReason } };
    }
    if (reset !== undefined && Date.parse(reset.expires_at) <= current.now.getTime()) {
      return { newStatus: { status: 'inhibited', reason: 'the link has expired' } };
    }
    return { message };
  } catch (error) {
    return { newStatus: { status: 'permanent_failure', reason: failureReason(error) } };
  }
}

/** The status to store if the user does not want the message, or not now: what they chose may have changed. */
function leftOutOrHeld(
  { method, now, random }: WorkerContext,
  { user_facts, template, notification_id }: LeasedDelivery,
): NewStatus | undefined {
  const at = now();
  const channel = { name: method, route: 'open', is_item_mail: notification_id !== null } as const;
  const { verdict, rule, until } = decide(user_facts, template?.facts ?? null, channel, at);
  if (verdict === 'left_out') return { status: 'inhibited', reason: leftOutReason(rule), rule };
  if (until === null) return undefined;
  const retryMs = afterQuietHours(until, random).getTime() - at.getTime();
  return { status: 'pending', reason: quietReason, rule, retryMs };
}

/**
 * @param item the notification that an e-mail is about
 * @throws TemplateError and Error when the template or the payload is faulty, so that no attempt can succeed
 */
export function toMessage(delivery: LeasedDelivery, render: Renderer, helpers: RenderHelpers, item?: string): Message {
  const { id, template_id: templateId, template, user, traceparent } = delivery;
  const payload = readPayload(delivery.payload);
  const { written, password_reset: reset } = payload;
  if (reset !== undefined) {
    const { template: texts } = passwordResetTexts(reset.language);
    const content = renderTemplate(texts, { ...payload, ...user, data: null }, helpers);
    return { id, templateId, item, user, payload, content, traceparent };
  }
  if (written !== undefined) {
    const content = writtenText(written.subject, written.message ?? '');
    return { id, templateId, item, user, payload, content, traceparent };
  }
  if (template === null) throw new Error('the message has neither a template nor a text of its own');
  const content = render({ template, payload, user, helpers });
  return { id, templateId, item, user, payload, content, traceparent };
}

/** The notification in the inbox that an e-mail is about; undefined if the user gets none. */
function itemOf(
  { hasInboxCopies, now }: WorkerContext,
  { id, notification_id, user_facts, template }: LeasedDelivery,
): string | undefined {
  if (notification_id !== null) return notification_id;
  if (!hasInboxCopies || template === null || template.id === templateIds.oneTimePasscode) return undefined;
  const { verdict } = decide(user_facts, template.facts, { name: 'inbox', route: 'open' }, now());
  return verdict === 'left_out' ? undefined : inboxIdOf(id);
}
