import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../database/database.ts';
import { failedValidation, invalidForeignKey } from '../errors.ts';
import { requiredLabels } from '../templates/labels.ts';
import { type Action, type RenderPayload, TemplateError, templateIds } from '../templates/model.ts';
import { renderActions } from '../templates/render.ts';
import type { DispatchPort } from './dispatch-port.ts';
import { type CheckedMessage, deliveriesCollection } from './input.ts';
import { type MethodName, methodNames } from './method-names.ts';
import { payloadVersion, type UserPayload } from './payload.ts';
import { canNameUser } from './renderer.ts';
import { userColumnsSql } from './sql/fragments.ts';

/** What a template makes of a message. */
export interface FilledTemplate {
  readonly template: EnqueuedTemplate;
  /** By which it is sent. */
  readonly methods: readonly MethodName[];
  /** What all recipients' messages have in common, to be stored and sent. */
  readonly payload: object;
  /** Each recipient's own buttons as JSON, in the order of the recipients; null when those of the payload are everybody's. */
  readonly ownActions: readonly string[] | null;
}

/** What enqueuing reads of a template. */
export interface EnqueuedTemplate {
  readonly id: string;
  readonly name: string;
  readonly method: string | null;
  readonly title_template: string;
  readonly body_template: string;
  readonly actions: unknown;
  readonly enabled_by_default: boolean;
}

/**
 * Reads the template of a message and fills it in: how it is sent, its payload and its buttons.
 * @throws ServiceError INVALID_FOREIGN_KEY for an unknown template; FAILED_VALIDATION of `labels` that lack what it needs,
 * and of `template` when its buttons cannot be rendered.
 */
export async function fillTemplate(
  db: Queryable,
  message: CheckedMessage,
  dispatch: Pick<DispatchPort, 'defaultMethod' | 'configured' | 'baseUrl'>,
): Promise<FilledTemplate> {
  const template = await getTemplate(db, message.template);
  requireLabels(template, message);
  const { shared, own } = await actionsFor(db, template, message, dispatch.baseUrl);
  const { labels, data, targets } = message;
  const payload = {
    _version: payloadVersion,
    notification_name: template.name,
    notification_template_id: template.id,
    labels,
    data,
    targets,
    actions: shared,
  };
  return { template, methods: methodsForTemplate(template, dispatch), payload, ownActions: own };
}

async function getTemplate(db: Queryable, id: string): Promise<EnqueuedTemplate> {
  const [template] = await db.query<EnqueuedTemplate>({
    name: 'enqueued_template',
    text: `select id, name, method, title_template, body_template, actions, enabled_by_default
           from templates where id = $1::uuid`,
    values: [id],
  });
  if (template === undefined) throw invalidForeignKey(deliveriesCollection, 'template', id);
  return template;
}

/** What is missing would be missing in every message: it is told now rather than never. */
function requireLabels(template: EnqueuedTemplate, { labels }: CheckedMessage): void {
  const missing = requiredLabels(template.title_template, template.body_template).filter(
    (name) => !Object.hasOwn(labels, name),
  );
  if (missing.length === 0) return;
  const names = missing.map((name) => `"${name}"`).join(', ');
  throw failedValidation('labels', 'required', `the template "${template.name}" needs ${names}`, { missing });
}

/**
 * The methods by which a template's messages are sent: its own method, or else the deployment's default if that is
 * configured; and the inbox. A template's own method is used even if it is not configured, so that the delivery log shows
 * why nothing arrived.
 */
function methodsForTemplate(
  template: { readonly id: string; readonly method: string | null },
  { defaultMethod, configured }: Pick<DispatchPort, 'defaultMethod' | 'configured'>,
): readonly MethodName[] {
  const own = methodNames.find((name) => name === template.method);
  const methods = new Set<MethodName>();
  if (own !== undefined) methods.add(own);
  else if (configured.has(defaultMethod)) methods.add(defaultMethod);
  if (configured.has('inbox')) methods.add('inbox');
  // A passcode allows signing in, so it must not stay readable in an inbox.
  if (template.id === templateIds.oneTimePasscode) methods.delete('inbox');
  return [...methods];
}

const nobody: UserPayload = { user_id: '', user_email: '', user_name: '', user_username: '' };

/** A reader's turn comes between so many renderings. */
const chunk = 500;

/**
 * Renders the buttons once for all, or for each recipient where a template names something of theirs.
 * @throws ServiceError FAILED_VALIDATION of `template` when they cannot be rendered.
 */
async function actionsFor(
  db: Queryable,
  template: EnqueuedTemplate,
  message: CheckedMessage,
  baseUrl: string,
): Promise<{ readonly shared: readonly Action[]; readonly own: readonly string[] | null }> {
  const render = (user: UserPayload) => renderFor(user, template, message, baseUrl);
  const shared = render(nobody);
  if (!namesUser(template.actions)) return { shared, own: null };
  const users = await db.query<UserPayload & { readonly place: number }>({
    text: `select place::int, ${userColumnsSql('users')}
           from unnest($1::uuid[]) with ordinality as given (id, place) join users on users.id = given.id`,
    values: [message.recipients],
  });
  // Whoever is unknown keeps an empty list: the statement that stores the messages tells of them.
  const own = message.recipients.map(() => '[]');
  for (const [index, { place, ...user }] of users.entries()) {
    own[place - 1] = JSON.stringify(render(user));
    if (index % chunk === chunk - 1) await setImmediate();
  }
  return { shared, own };
}

function namesUser(actions: unknown): boolean {
  const texts = Array.isArray(actions) ? actions.flatMap((action: object) => Object.values(action)) : [];
  return texts.some((text) => typeof text === 'string' && canNameUser(text));
}

function renderFor(
  user: UserPayload,
  template: EnqueuedTemplate,
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
