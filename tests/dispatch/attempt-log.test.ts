import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { createAttemptLog } from '../../src/dispatch/attempt-log.ts';
import type { NewStatus } from '../../src/dispatch/delivery-status.ts';
import type { LeasedDelivery } from '../../src/dispatch/lease.ts';

function aLog(level: string) {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const logAttempt = createAttemptLog(log, 'webhook');
  // The log reads no other fields.
  const delivery = { id: 'a', template_id: 't', attempt_count: 1 } as LeasedDelivery;
  return { lines, attempt: (newStatus: NewStatus) => logAttempt(delivery, newStatus) };
}

const sent: NewStatus = { status: 'sent' };
const retried: NewStatus = { status: 'temporary_failure', reason: 'connect ECONNREFUSED', retryMs: 1 };
const failed: NewStatus = { status: 'permanent_failure', reason: 'no such mailbox' };

describe('the log of attempts', () => {
  it('warns of the first failure of an outage only, however many follow', () => {
    const { lines, attempt } = aLog('info');

    for (const newStatus of [sent, retried, retried, sent, retried]) attempt(newStatus);

    expect(lines).toMatchObject([{ level: 40, method: 'webhook', reason: 'connect ECONNREFUSED' }]);
  });

  it('warns of each delivery that fails for good', () => {
    const { lines, attempt } = aLog('info');

    attempt(failed);
    attempt(failed);

    const warning = {
      level: 40,
      method: 'webhook',
      delivery: 'a',
      template: 't',
      attempt: 2,
      reason: 'no such mailbox',
    };
    expect(lines).toMatchObject([warning, warning]);
  });

  it('logs every attempt at level debug', () => {
    const { lines, attempt } = aLog('debug');

    for (const newStatus of [sent, { status: 'inhibited', reason: 'disabled by user' } as const]) attempt(newStatus);

    expect(lines).toMatchObject([
      { level: 20, delivery: 'a', status: 'sent' },
      { level: 20, delivery: 'a', status: 'inhibited', reason: 'disabled by user' },
    ]);
  });
});
