import { afterEach, describe, expect, it } from '@jest/globals';
import { createInbox } from '../../src/dispatch/methods/inbox.ts';
import type { Outcome } from '../../src/dispatch/methods/method.ts';
import { createMetrics, type DispatchMetrics } from '../../src/dispatch/metrics.ts';
import { createMetricsPage } from '../../src/metrics/metrics-page.ts';
import { promiseWithResolvers } from '../../src/promises.ts';
import { aMethod, aStage, type Stage, templates } from './stage.ts';

let stage: Stage;
afterEach(() => stage.close());

const smtp = { SMTP_URL: 'smtp://127.0.0.1:1', EMAIL_FROM: 'no-reply@example.com' };
const failed: Outcome = { kind: 'retry', reason: 'not now' };

const pageOf = (metrics: DispatchMetrics) => createMetricsPage(metrics.registry, [metrics.measureQueue])();
const inboxOf = ({ prisma, admin: { bus, now } }: Stage) => createInbox({ prisma, bus, now });

describe('the metrics', () => {
  it('the metrics count attempts by result, retries, attempts in progress and stored updates (60)', async () => {
    stage = await aStage({ ...smtp, MAX_SEND_ATTEMPTS: '2' });
    const metrics = createMetrics(stage.prisma);
    const gate = promiseWithResolvers<void>();
    const method = aMethod('smtp', async (_message, attempt) => {
      if (attempt === 1) await gate.promise;
      return attempt === 3 ? { kind: 'sent' } : failed;
    });
    const dispatcher = stage.start({ metrics, methods: [method, inboxOf(stage)] });
    const render = async () => (await pageOf(metrics)).body;
    const labels = `method="smtp",notification_template_id="${templates.workspaceDeleted}"`;
    const name = 'coderd_notifications';

    await stage.enqueue();
    await method.received(1);
    expect(await render()).toContain(`${name}_inflight_dispatches{${labels}} 1`);
    gate.resolve();
    await method.received(2);
    await stage.enqueue();
    await method.received(3);
    const inboxes = `${name}_dispatch_attempts_total{${labels.replace('smtp', 'inbox')},result="success"} 2`;
    // Inbox deliveries are stored independently of the others.
    while (!(await render()).includes(inboxes));
    await dispatcher.stop();

    const text = await render();
    expect(text).toContain(`${name}_dispatch_attempts_total{${labels},result="temp_fail"} 1`);
    expect(text).toContain(`${name}_dispatch_attempts_total{${labels},result="perm_fail"} 1`);
    expect(text).toContain(`${name}_dispatch_attempts_total{${labels},result="success"} 1`);
    expect(text).toContain(inboxes);
    expect(text).toContain(`${name}_retry_count{${labels}} 1`);
    expect(text).toContain(`${name}_inflight_dispatches{${labels}} 0`);
    expect(text).toContain(`${name}_pending_updates 0`);
    expect(text).toContain(`${name}_synced_updates_total 5`);
    expect(text).toContain(`${name}_queued_seconds_count{method="smtp"} 3`);
    expect(text).toContain(`${name}_dispatcher_send_seconds_count{method="smtp"} 3`);
    expect(text).toContain('tidings_notifications_queue_oldest_age_seconds{method="webhook"} 0');
  });

  it('the metrics give the depth of the queue and the age of its oldest delivery', async () => {
    stage = await aStage(smtp);
    await stage.enqueue();
    await stage.db.query({ text: `update queued_deliveries set due_at = now() - interval '1 hour'`, values: [] });

    const { body } = await pageOf(createMetrics(stage.prisma));

    expect(body).toContain('tidings_notifications_queue_depth{method="smtp",status="pending"} 1');
    expect(body).toMatch(/tidings_notifications_queue_oldest_age_seconds\{method="inbox"\} 36\d\d/);
  });
});
