import { setImmediate } from 'node:timers/promises';
import type { ServicePrisma } from '../database/prisma.ts';
import { failedValidation, invalidForeignKey } from '../errors.ts';
import { requiredLabels } from '../templates/labels.ts';
import { type Action, type RenderPayload, TemplateError } from '../templates/model.ts';
import { renderActions } from '../templates/render.ts';
import { decideMessage, type MessageDecisions } from './decide-message.ts';
import type { DispatchPort } from './dispatch-port.ts';
import { type CheckedMessage, deliveriesCollection } from './input.ts';
import { payloadVersion, type UserPayload } from './payload.ts';
import { mayUseUserFields } from './renderer.ts';
import { routesOf } from './routes.ts';
import type { DispatchMethods } from './sql/methods.ts';
import type { TemplateRow } from './sql/read-message-facts.ts';

/** The part of Prisma that filling a template uses. */
type TemplatePrisma = Pick<ServicePrisma<DispatchMethods>, 'delivery'>;

/** A template with the methods, payload and actions of one message. */
export interface FilledTemplate {
  readonly template: TemplateRow;
  /** Who gets the message by which method, and when. */
  readonly decisions: MessageDecisions;
  /** The payload shared by all recipients. */
  readonly payload: object;
  /**
   * Actions of each recipient as JSON, in the order of the recipients; null if all recipients share the actions of the
   * payload.
   */
  readonly ownActions: readonly string[] | null;
}

/**
 * Reads the template of a message and what its recipients chose, and determines the methods, payload and actions of the
 * message.
 * @throws ServiceError INVALID_FOREIGN_KEY for an unknown template; FAILED_VALIDATION of `labels` if required ones are
 * missing, and of `template` if its actions cannot be rendered
 */
export async function fillTemplate(
  prisma: TemplatePrisma,
  message: CheckedMessage,
  dispatch: Pick<DispatchPort, 'defaultMethod' | 'configured' | 'baseUrl'>,
  now: Date,
): Promise<FilledTemplate> {
  const template = await getTemplate(prisma, message);
  const { template_facts: facts } = template;
  const routes = routesOf({ ...template, category: facts.category }, dispatch);
  requireLabels(template, message);
  const { shared, own } = await actionsFor(prisma, template, message, dispatch.baseUrl);
  const { labels, data, targets, expires_at, on_expiry } = message;
  const payload = {
    _version: payloadVersion,
    notification_name: template.name,
    notification_template_id: template.id,
    labels,
    data,
    targets,
    actions: shared,
    ...(expires_at !== null && { expires_at, on_expiry }),
  };
  return { template, decisions: decideMessage(facts, routes, template.facts, now), payload, ownActions: own };
}

async function getTemplate(
  { delivery }: TemplatePrisma,
  { template: id, recipients }: Pick<CheckedMessage, 'template' | 'recipients'>,
): Promise<TemplateRow> {
  const [template] = await delivery.readMessageFacts(id, recipients);
  if (template === undefined) throw invalidForeignKey(deliveriesCollection, 'template', id);
  return template;
}

/** Refuses missing labels now, because they would be missing in every message. */
function requireLabels(template: TemplateRow, { labels }: CheckedMessage): void {
  const missing = requiredLabels(template.title_template, template.body_template).filter(
    (name) => !Object.hasOwn(labels, name),
  );
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(', ');
  throw failedValidation('labels', 'required', `the template "${template.name}" needs ${names}`, { missing });
}

/** A placeholder user, for actions that contain no fields of the user. */
const nobody: UserPayload = { user_id: '', user_email: '', user_name: '', user_username: '' };

/** Number of renderings before yielding to the event loop. */
const chunk = 500;

/**
 * Renders the actions once for all recipients, or separately for each recipient if they contain fields of the user.
 * @throws ServiceError FAILED_VALIDATION of `template` if they cannot be rendered
 */
async function actionsFor(
  prisma: TemplatePrisma,
  template: TemplateRow,
  message: CheckedMessage,
  baseUrl: string,
): Promise<{ readonly shared: readonly Action[]; readonly own: readonly string[] | null }> {
  const render = (user: UserPayload) => renderFor(user, template, message, baseUrl);
  const shared = render(nobody);
  if (!useUserFields(template.actions)) return { shared, own: null };
  const users = await prisma.delivery.readRecipients(message.recipients);
  // Unknown recipients keep an empty list: the statement that stores the deliveries reports them.
  const own = message.recipients.map(() => '[]');
  for (const [index, { position, ...user }] of users.entries()) {
    own[position - 1] = JSON.stringify(render(user));
    if (index % chunk === chunk - 1) await setImmediate();
  }
  return { shared, own };
}

/** Whether the actions contain fields of the user. */
function useUserFields(actions: unknown): boolean {
  const texts = Array.isArray(actions) ? actions.flatMap((action: object) => Object.values(action)) : [];
  return texts.some((text) => typeof text === 'string' && mayUseUserFields(text));
}

function renderFor(
  user: UserPayload,
  template: TemplateRow,
  { labels, data, targets }: CheckedMessage,
  baseUrl: string,
): readonly Action[] {
  const payload: Omit<RenderPayload, 'actions'> = {
    ...user,
    labels,
    data,
    targets,
    notification_name: template.name,
    notification_template_id: template.id,
  };
  try {
    return renderActions(template.actions, payload, baseUrl);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw failedValidation('template', 'render', error.message, { value: template.id });
  }
}
