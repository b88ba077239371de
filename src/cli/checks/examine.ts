import type { Config } from '../../config.ts';
import { openDatabase } from '../../database/client.ts';
import { type DatabaseFacts, readFacts } from '../../database/facts.ts';
import { checkDrift } from '../../notifications/check-drift.ts';
import { servicePrisma } from '../../prisma.ts';
import { sentenceOf } from '../failure.ts';
import { type Instance, openInstance } from '../instance.ts';
import type { Finding } from './finding.ts';
import { reachMail, reachWebhook } from './reach.ts';

/** Clock differences in milliseconds that cause a warning and a failure: they make leases and expiries wrong. */
const clockMs = { warn: 1_000, fail: 30_000 };

/** Checks the instance of this environment; yields each finding as soon as it is known. Never throws. */
export async function* examine(): AsyncGenerator<Finding> {
  let instance: Instance;
  try {
    instance = await openInstance();
  } catch (error) {
    yield { check: 'database', result: 'fail', text: sentenceOf(error) };
    return;
  }
  try {
    yield* examineDatabase(instance);
    yield* examineMethods(instance.config);
  } finally {
    await instance.close();
  }
}

async function* examineDatabase({ url }: Instance): AsyncGenerator<Finding> {
  let facts: DatabaseFacts;
  try {
    facts = await readFacts(url);
  } catch (error) {
    yield { check: 'database', result: 'fail', text: sentenceOf(error) };
    return;
  }
  yield { check: 'database', result: 'ok', text: `PostgreSQL ${facts.postgres} answers in ${facts.answerMs} ms.` };
  yield clock(facts.clockMs);
  const schema = migrations(facts);
  yield schema;
  if (schema.result === 'fail') return;
  try {
    yield await counters(url);
  } catch (error) {
    yield { check: 'counters', result: 'fail', text: sentenceOf(error) };
  }
}

function clock(differenceMs: number): Finding {
  const size = Math.abs(differenceMs);
  const result = size >= clockMs.fail ? 'fail' : size >= clockMs.warn ? 'warn' : 'ok';
  const direction = differenceMs > 0 ? 'ahead of' : 'behind';
  const text = `The clock of the database is ${size} ms ${direction} that of this machine.`;
  return { check: 'clock', result, text, ...(result !== 'ok' && { cure: 'Synchronise both, by NTP for example.' }) };
}

function migrations({ hasHistory, missing, incompatibility }: DatabaseFacts): Finding {
  const check = 'migrations';
  if (!hasHistory) {
    return { check, result: 'fail', text: 'The database has no tables of Tidings.', cure: 'Start the service once.' };
  }
  if (incompatibility !== undefined) return { check, result: 'fail', text: incompatibility };
  const [first] = missing;
  if (first === undefined) return { check, result: 'ok', text: 'All migrations are applied.' };
  return {
    check,
    result: 'fail',
    text: `${missing.length} migrations are missing; the first is ${first}.`,
    cure: 'Restart the service.',
  };
}

async function counters(url: string): Promise<Finding> {
  const db = await openDatabase({ url, poolSize: 2 });
  try {
    const { inboxes, drift } = await checkDrift(servicePrisma(db));
    const check = 'counters';
    if (drift === 0) return { check, result: 'ok', text: `The counts of ${inboxes} inboxes are correct.` };
    const text = `The stored counts of inboxes are wrong by ${drift} in total.`;
    return {
      check,
      result: 'fail',
      text,
      cure: 'Report it: something other than the service has written to the database.',
    };
  } finally {
    await db.close();
  }
}

async function* examineMethods({ dispatch }: Config): AsyncGenerator<Finding> {
  const { smtp, webhook } = dispatch;
  if (smtp === undefined && webhook === undefined) {
    const text = 'Neither mail nor webhook is configured: notifications reach inboxes only.';
    yield { check: 'methods', result: 'warn', text, cure: 'Set SMTP_URL and EMAIL_FROM, or WEBHOOK_ENDPOINT.' };
  }
  if (smtp !== undefined) yield await reachMail(smtp);
  if (webhook !== undefined) yield await reachWebhook(webhook.endpoint);
}
