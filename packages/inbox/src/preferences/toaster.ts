import type { InboxError } from '@tidings/client/request';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { PreferencesKey } from '../strings/preferences/catalog.ts';
import { isUnreachable } from './faults.ts';
import type { Toast } from './states.ts';
import type { Change } from './store.ts';

/** How long the last change is shown, in milliseconds. Faults are shown until the next change. */
const shownMs = 4_000;
const undoableMs = 12_000;

/** Says what became of the last change. */
export class Toaster implements ReactiveController {
  toast: Toast | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #host: ReactiveControllerHost;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  show(toast: Toast | undefined): void {
    clearTimeout(this.#timer);
    this.toast = toast;
    this.#host.requestUpdate();
    if (toast === undefined || toast.isFault) return;
    this.#timer = setTimeout(() => this.show(undefined), toast.undo ? undoableMs : shownMs);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.toast = undefined;
  }
}

/** Why a change was not saved. */
export function faultText(error: InboxError, isRefusal: boolean, change: Change): PreferencesKey {
  if (isRefusal) return 'preferences.faultSignedOut';
  if (isUnreachable(error)) return 'preferences.faultOffline';
  if (error.code === 'FORBIDDEN') return 'preferences.faultForbidden';
  return error.code === 'FAILED_VALIDATION' && change.key === 'quiet'
    ? 'preferences.faultQuiet'
    : 'preferences.faultRefused';
}
