import { channelNames } from '../preferences/channels.ts';
import { decisionRules } from '../preferences/decision-rules.ts';
import type { Explanation } from '../preferences/explain.ts';
import { explain } from '../preferences/explain.ts';
import { userKeyRule } from '../user-keys/user-key.ts';
import { builder } from './builder.ts';

export const DecisionRuleEnum = builder.enumType('decision_rule', {
  description: 'Why a delivery is sent, held or left out.',
  values: decisionRules,
});

const VerdictEnum = builder.enumType('verdict', {
  description: 'What is decided about a delivery: it is sent, it waits, or it is not made.',
  values: ['sends', 'holds', 'left_out'] as const,
});

const ExplanationStep = builder.objectRef<Explanation['steps'][number]>('explanation_steps').implement({
  description: 'One rule that was looked at.',
  fields: (t) => ({
    rule: t.expose('rule', { type: DecisionRuleEnum, description: 'The rule.' }),
    passed: t.exposeBoolean('passed', { description: 'Whether it let the delivery pass.' }),
    source: t.exposeString('source', { description: 'Where it comes from, as text.' }),
  }),
});

export const ExplanationType = builder.objectRef<Explanation>('explanations').implement({
  description: 'What is decided about a message to a user by one channel, and why.',
  fields: (t) => ({
    channel: t.exposeString('channel', { description: '`smtp`, `webhook` or `inbox`.' }),
    verdict: t.expose('verdict', { type: VerdictEnum, description: 'The decision.' }),
    rule: t.expose('rule', { type: DecisionRuleEnum, description: 'The rule that decided.' }),
    until: t.field({
      type: 'Date',
      nullable: true,
      description: 'Until when it is held, if that is known. It is sent up to a minute later.',
      resolve: ({ until }) => until?.toISOString() ?? null,
    }),
    steps: t.field({
      type: [ExplanationStep],
      description: 'The rules that were looked at, in order.',
      resolve: ({ steps }) => [...steps],
    }),
  }),
});

export const userArgument = { defaultValue: 'me', description: `\`me\`, or ${userKeyRule}.` } as const;

builder.queryField('explain', (t) =>
  t.field({
    type: [ExplanationType],
    description:
      'By which channels a message of a template would go to a user, and why or why not. Sending decides by the same function.',
    args: {
      user: t.arg.id(userArgument),
      template: t.arg.id({ required: true, description: 'The id of the template.' }),
      channel: t.arg.string({ description: `One of ${channelNames.join(', ')}. Default: all.` }),
      at: t.arg({ type: 'Date', description: 'The time of sending. Default: now.' }),
    },
    resolve: (_root, { user, ...question }, context) => explain(context, user ?? 'me', question),
  }),
);
