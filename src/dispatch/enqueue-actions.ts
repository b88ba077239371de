import { setImmediate } from 'node:timers/promises';
import type { Queryable } from '../database/database.ts';
import { failedValidation } from '../errors.ts';
import { type Action, type RenderPayload, TemplateError } from '../templates/model.ts';
import { renderActions } from '../templates/render.ts';
import type { CheckedMessage } from './input.ts';
import { type UserPayload, userColumnsSql } from './payload.ts';
import { canNameUser } from './renderer.ts';

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

/** The buttons of a message. */
export interface RenderedActions {
  /** The same for everybody. */
  readonly shared: readonly Action[];
  /** Each recipient's own as JSON, in the order of the recipients; null when the shared ones are everybody's. */
  readonly own: readonly string[] | null;
}

const nobody: UserPayload = { user_id: '', user_email: '', user_name: '', user_username: '' };

/** A reader's turn comes between so many renderings. */
const chunk = 500;

/**
 * Renders the buttons once for all, or for each recipient where a template names something of theirs.
 * @throws ServiceError FAILED_VALIDATION of `template` when they cannot be rendered.
 */
export async function actionsFor({
  db,
  template,
  message,
  baseUrl,
}: {
  readonly db: Queryable;
  readonly template: EnqueuedTemplate;
  readonly message: CheckedMessage;
  readonly baseUrl: string;
}): Promise<RenderedActions> {
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
