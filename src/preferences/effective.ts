import { resolveUser, unknownUser } from './access.ts';
import { type ChannelPort, channelNames } from './channels.ts';
import type { PreferenceContext } from './context.ts';
import { type ChannelFacts, type Decision, decide, type TemplateFacts, type UserFacts } from './decide.ts';
import { readTemplates, readUserFacts } from './decided-user.ts';
import type { DecisionRule } from './decision-rules.ts';

/** A cell of a user's preferences, as a page shows it. Null: not limited to one. */
export interface PreferenceCell {
  readonly category: string | null;
  readonly template: string | null;
  readonly channel: string;
  readonly on: boolean;
  /** No choice of the user changes it. */
  readonly locked: boolean;
  readonly because: DecisionRule;
}

/** Rules that no choice changes. */
const locking: ReadonlySet<DecisionRule> = new Set(['user_suspended', 'channel_not_configured', 'category_required']);
/** The template of a cell that is not for one. */
const anyTemplate = { id: '', name: '', method: null, enabled_by_default: true, category: null };

/**
 * What a user gets by which channel, and why: a cell for each channel, for each category and channel, and for each
 * template and channel by which it is sent. Hidden categories and their templates are left out. Quiet hours and pauses
 * are not part of it: they only delay.
 * @param userRef `me` or any key of a user
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer; FORBIDDEN for
 * viewers who may not read even their own
 */
export async function effectivePreferences(
  context: PreferenceContext & { readonly dispatch: ChannelPort },
  userRef: string,
): Promise<PreferenceCell[]> {
  return cellsOf(context, await resolveUser(context, userRef, 'read'), userRef);
}

/** The same for a user whose id is known, without a check of rights. @throws ServiceError FAILED_VALIDATION of `user` */
export async function cellsOf(
  { prisma, dispatch }: Pick<PreferenceContext, 'prisma'> & { readonly dispatch: ChannelPort },
  userId: string,
  userRef: string = userId,
): Promise<PreferenceCell[]> {
  const templates = (await readTemplates(prisma)).filter(({ isHidden }) => !isHidden);
  const factsFor = await readUserFacts(
    prisma,
    userId,
    templates.map(({ id }) => id),
  );
  if (factsFor === undefined) throw unknownUser(userRef);
  const categories = await prisma.category.findMany({ where: { hidden: false } });
  const open = new Set<string>();
  const cellsFor = (facts: UserFacts, template: TemplateFacts & { readonly method: string | null }) => {
    const routes = dispatch.channelsOf(template).filter(({ route }) => route !== 'closed');
    for (const { name } of routes) open.add(name);
    return routes.map(({ name }) => cell(facts, template, name));
  };
  const ofTemplates = templates
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((template) => cellsFor(factsFor(template.id), template));
  const ofCategories = categories
    .toSorted((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap((category) => cellsFor(factsFor(null), { ...anyTemplate, category }));
  // E-mails about notifications without a template need only the channel, whatever methods the templates have.
  const byMail = dispatch.channelsOf({ ...anyTemplate, method: 'smtp' });
  if (byMail.some(({ name, route }) => name === 'smtp' && route === 'open')) open.add('smtp');
  const ofChannels = channelNames
    .filter((name) => open.has(name))
    .map((name) => (name === 'smtp' ? mailCell(factsFor(null)) : cell(factsFor(null), anyTemplate, name)));
  return [...ofChannels, ...ofCategories, ...ofTemplates];
}

function cell(user: UserFacts, template: TemplateFacts, channel: string): PreferenceCell {
  return {
    category: template.category?.key ?? null,
    template: template.id === '' ? null : template.id,
    channel,
    ...cellState(user, template, channel),
  };
}

/** E-mails that are not of any template are those about notifications without one: `email_notifications` counts, too. */
function mailCell(user: UserFacts): PreferenceCell {
  const decision = decideAnytime(user, null, { name: 'smtp', route: 'open', is_item_mail: true });
  return { category: null, template: null, channel: 'smtp', ...stateOf(decision) };
}

function decideAnytime(user: UserFacts, template: TemplateFacts | null, channel: ChannelFacts): Decision {
  return decide({ ...user, quiet_hours: null }, template, channel, new Date(0));
}

/** What a user gets of a template by a channel, at any time. */
export function cellState(user: UserFacts, template: TemplateFacts, channel: string): CellState {
  return stateOf(decideAnytime(user, template, { name: channel, route: 'open' }));
}

type CellState = Pick<PreferenceCell, 'on' | 'locked' | 'because'>;

function stateOf({ verdict, rule }: Decision): CellState {
  return { on: verdict === 'sends', locked: locking.has(rule), because: rule };
}
