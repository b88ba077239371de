import type { Context } from '../context.ts';
import { failedValidation } from '../errors.ts';
import { storedSettings, toSettings } from '../settings/read.ts';
import { parseUuid } from '../values.ts';
import { resolveUser, unknownUser } from './access.ts';
import { type ChannelPort, channelNames } from './channels.ts';
import type { PreferenceContext } from './context.ts';
import { type Decision, decide } from './decide.ts';
import { readTemplates, readUserFacts } from './decided-user.ts';
import type { DecisionRule } from './decision-rules.ts';

/** One rule that was looked at. */
export interface ExplanationStep {
  readonly rule: DecisionRule;
  readonly passed: boolean;
  /** Where the rule comes from, as text. */
  readonly source: string;
}

/** What is decided about a message to a user by one channel, and why. */
export interface Explanation extends Decision {
  readonly channel: string;
  readonly steps: readonly ExplanationStep[];
}

/**
 * Says by which channels a message of a template would go to a user at a time, or why not. It uses the function that
 * sending uses, and writes nothing.
 * @param userRef `me` or any key of a user
 * @param question `channel`: default all; `at`: default now
 * @throws ServiceError FAILED_VALIDATION of `user` for a user who is unknown or hidden from the viewer, of `template`,
 * `channel` or `at`; FORBIDDEN for viewers who may not read even their own preferences
 */
export async function explain(
  context: PreferenceContext & Pick<Context, 'now'> & { readonly dispatch: ChannelPort },
  userRef: string,
  question: {
    readonly template: string;
    readonly channel?: string | null | undefined;
    readonly at?: string | null | undefined;
  },
): Promise<Explanation[]> {
  const { prisma, dispatch } = context;
  const userId = await resolveUser(context, userRef, 'read');
  const { channel } = question;
  if (typeof channel === 'string' && !channelNames.some((name) => name === channel)) {
    throw failedValidation('channel', 'in', `must be one of ${channelNames.join(', ')}`, { valid: channelNames });
  }
  const at = readTime(question.at) ?? context.now();
  const id = parseUuid(question.template);
  const [template] = id === null ? [] : await readTemplates(prisma, [id]);
  if (template === undefined) {
    throw failedValidation('template', 'unknown', 'must be the id of a template', { value: question.template });
  }
  const factsFor = await readUserFacts(prisma, userId, [template.id]);
  if (factsFor === undefined) throw unknownUser(userRef);
  const { notifier_paused: is_paused } = toSettings(await storedSettings(prisma));
  return dispatch
    .channelsOf(template)
    .filter(({ name }) => channel === undefined || channel === null || name === channel)
    .map((facts) => {
      const steps: ExplanationStep[] = [];
      const decision = decide(factsFor(template.id), template, { ...facts, is_paused }, at, (rule, passed, source) =>
        steps.push({ rule, passed, source }),
      );
      return { channel: facts.name, ...decision, steps };
    });
}

function readTime(at: string | null | undefined): Date | undefined {
  if (at === undefined || at === null) return undefined;
  const time = new Date(at);
  if (Number.isNaN(time.getTime()))
    throw failedValidation('at', 'date', 'must be a time, such as "2027-01-31T12:00:00Z"');
  return time;
}
