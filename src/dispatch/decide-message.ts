import { type Decision, decide, type TemplateFacts, undecidedUser } from '../preferences/decide.ts';
import type { DecisionRule } from '../preferences/decision-rules.ts';
import { factsOf, type StoredFacts } from '../preferences/facts.ts';
import type { MethodName } from './method-names.ts';
import type { Route } from './routes.ts';

/** What was decided about one message to many recipients. */
export interface MessageDecisions {
  /** For recipients who chose nothing, by method. */
  readonly usual: readonly MethodDecision[];
  /** For the others, where it differs. */
  readonly exceptions: readonly (MethodDecision & { readonly recipient: string })[];
}

export interface MethodDecision {
  readonly method: MethodName;
  readonly decision: Decision;
}

const whenSent: Decision = { verdict: 'sends', rule: 'template_default', until: null };

/** Decides for each recipient and method. Recipients who chose nothing are decided together, whatever their number. */
export function decideMessage(
  template: TemplateFacts,
  routes: readonly Route[],
  facts: StoredFacts | null,
  at: Date,
): MessageDecisions {
  const usual = routes.map((route) => ({
    method: route.name,
    route,
    decision: decide(undecidedUser, template, route, at),
  }));
  const exceptions: MessageDecisions['exceptions'][number][] = [];
  for (const recipient of Object.keys(facts ?? {})) {
    const user = factsOf(facts, recipient, template.id);
    for (const { method, route, decision: expected } of usual) {
      const decided = decide(user, template, route, at);
      // The user may be active again when the mail is sent: that is decided then.
      const decision = decided.rule === 'user_suspended' ? whenSent : decided;
      const isUsual = decision.rule === expected.rule && decision.verdict === expected.verdict;
      if (!isUsual) exceptions.push({ recipient, method, decision });
    }
  }
  return { usual, exceptions };
}

/** A delivery that was left out because of a preference. */
export interface LeftOut {
  readonly recipient: string;
  /** Null if the rule left out every method. */
  readonly method: MethodName | null;
  readonly rule: DecisionRule;
}

/**
 * The deliveries that were left out, and the number of recipients who get none at all.
 * @param recipients all recipients of the message
 */
export function leftOutOf(
  { usual, exceptions }: MessageDecisions,
  recipients: readonly string[],
): { readonly deliveries: readonly LeftOut[]; readonly nobody: number } {
  const own = new Map<string, Map<MethodName, Decision>>();
  for (const { recipient, method, decision } of exceptions) {
    const known = own.get(recipient) ?? new Map<MethodName, Decision>();
    own.set(recipient, known.set(method, decision));
  }
  // Where nothing is left out by default, only the exceptions are looked at: there can be a hundred thousand recipients.
  const isUsual = usual.some(({ decision }) => decision.verdict === 'left_out');
  const deliveries: LeftOut[] = [];
  let nobody = 0;
  for (const recipient of isUsual ? recipients : own.keys()) {
    const differing = own.get(recipient);
    const out = usual
      .map(({ method, decision }) => ({ method, decision: differing?.get(method) ?? decision }))
      .filter(({ decision }) => decision.verdict === 'left_out');
    const isAll = out.length > 0 && out.length === usual.length;
    if (isAll) nobody += 1;
    const [rule, ...others] = new Set(out.map(({ decision }) => decision.rule));
    if (isAll && rule !== undefined && others.length === 0) deliveries.push({ recipient, method: null, rule });
    else for (const { method, decision } of out) deliveries.push({ recipient, method, rule: decision.rule });
  }
  return { deliveries, nobody };
}
