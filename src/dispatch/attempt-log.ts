import type { Logger } from 'pino';
import type { NewStatus } from './delivery-status.ts';
import type { LeasedDelivery } from './lease.ts';
import type { MethodName } from './method-names.ts';

/** Logs the result of an attempt. */
export type AttemptLog = (delivery: LeasedDelivery, newStatus: NewStatus) => void;

/**
 * An outage ends with the first delivery that is sent after this many milliseconds without a failure. During an outage,
 * some deliveries can succeed.
 */
const quietMs = 15_000;

/**
 * Logs a warning for each delivery that fails for good, and one for each outage of the method; an outage begins with
 * the first failure that is retried. The end of an outage is logged with its duration. Every attempt is logged at level
 * `debug`; at other levels a delivery that is sent costs one comparison.
 */
export function createAttemptLog(log: Logger, method: MethodName): AttemptLog {
  const isDebug = log.isLevelEnabled('debug');
  let outage: { readonly since: number; last: number; failures: number } | undefined;

  const sent = () => {
    if (outage === undefined || performance.now() - outage.last < quietMs) return;
    const { since, last, failures } = outage;
    outage = undefined;
    log.info({ method, durationMs: Math.round(last - since), failures }, 'the method delivers again');
  };
  const failed = (reason: string | undefined) => {
    const now = performance.now();
    if (outage === undefined) {
      outage = { since: now, last: now, failures: 1 };
      log.warn({ method, reason }, 'the method fails to deliver; deliveries are retried');
    } else {
      outage.last = now;
      outage.failures += 1;
    }
  };

  return ({ id, template_id: template, attempt_count }, newStatus) => {
    const { status } = newStatus;
    const reason = 'reason' in newStatus ? newStatus.reason : undefined;
    const entry = () => ({ method, delivery: id, template, attempt: attempt_count + 1, reason });
    if (isDebug) log.debug({ ...entry(), status }, 'delivery attempted');
    if (status === 'sent') sent();
    else if (status === 'temporary_failure') failed(reason);
    else if (status === 'permanent_failure') log.warn(entry(), 'a delivery has failed for good');
  };
}
