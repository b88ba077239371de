import { InboxError, isRefusal } from '@tidings/client/request';

/**
 * `loading` before the first answer; `refused` when the token is invalid, `forbidden` when it may not do this,
 * `offline` when the service cannot be reached, `failed` for any other error. `ready` once there is something to show.
 */
export type Status = 'loading' | 'ready' | 'refused' | 'forbidden' | 'offline' | 'failed';

/** Anything thrown as an error of a request. */
export function asFault(thrown: unknown): InboxError {
  return thrown instanceof InboxError ? thrown : new InboxError('NETWORK', String(thrown));
}

/** Whether the service was not reached, or did not answer. */
export function isUnreachable({ code }: InboxError): boolean {
  return code === 'NETWORK';
}

/** What an error of reading means for the page. */
export function statusOf(error: InboxError): Status {
  if (isRefusal(error)) return 'refused';
  if (error.code === 'FORBIDDEN') return 'forbidden';
  return isUnreachable(error) ? 'offline' : 'failed';
}
