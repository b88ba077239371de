import { html, nothing, type TemplateResult } from 'lit';
import { type Control, controlIcon } from '../icons.ts';
import type { PreferencesKey } from '../strings/preferences/catalog.ts';
import type { Status } from './faults.ts';
import type { Frame } from './frame.ts';

type Trouble = Exclude<Status, 'ready' | 'loading'>;

const troubles: Readonly<Record<Trouble, { icon: Control; title: PreferencesKey; hint: PreferencesKey }>> = {
  refused: { icon: 'error', title: 'preferences.signedOut', hint: 'preferences.signedOutHint' },
  forbidden: { icon: 'error', title: 'preferences.forbidden', hint: 'preferences.forbiddenHint' },
  offline: { icon: 'offline', title: 'preferences.offline', hint: 'preferences.offlineHint' },
  failed: { icon: 'error', title: 'preferences.failed', hint: 'preferences.failedHint' },
};

/** There is nothing to show, and why. */
export function troubleState({ text }: Frame, trouble: Trouble, onRetry: () => void): TemplateResult {
  const { icon, title, hint } = troubles[trouble];
  return html`<div class="note" part="state ${trouble}" role="alert">
    <span class="note-icon" part="state-icon">${controlIcon(icon)}</span>
    <p class="note-title" part="state-title">${text(title)}</p>
    <p class="note-hint" part="state-hint">${text(hint)}</p>
    <button type="button" class="button" part="button state-button" @click=${onRetry}>${text('action.retry')}</button>
  </div>`;
}

/** There are no kinds of notifications. */
export function emptyState({ text }: Frame): TemplateResult {
  return html`<slot name="empty"><div class="note" part="state empty">
    <span class="note-icon" part="state-icon">${controlIcon('settings')}</span>
    <p class="note-title" part="state-title">${text('preferences.empty')}</p>
    <p class="note-hint" part="state-hint">${text('preferences.emptyHint')}</p>
  </div></slot>`;
}

/** Grey bars in the places of the rows. */
export function loadingState({ text }: Frame): TemplateResult {
  return html`<div class="bones" part="state loading" role="status">
    <span class="visually-hidden">${text('preferences.loading')}</span>
    ${['tall', 'tall', 'tall', '', '', '', '', ''].map(
      (kind) => html`<div class="bone ${kind}" aria-hidden="true"><i></i><b></b></div>`,
    )}
  </div>`;
}

/** What is shown may be old. */
export function staleNote({ text }: Frame, onRetry: () => void): TemplateResult {
  return html`<div class="stale" part="stale">${controlIcon('offline')}<span>${text('preferences.stale')}</span>
    <button type="button" class="link" part="button" @click=${onRetry}>${text('action.retry')}</button></div>`;
}

/** What became of the last change. */
export interface Toast {
  readonly text: string;
  readonly isFault: boolean;
  readonly undo?: (() => void) | undefined;
}

/** The last change at the edge of the page; it is announced elsewhere. */
export function toastNote({ text }: Frame, toast: Toast | undefined, isSaving: boolean): TemplateResult {
  const shown = toast?.text ?? (isSaving ? text('preferences.saving') : undefined);
  return html`<div class="toast-place">${
    shown === undefined
      ? nothing
      : html`<div class="toast ${toast?.isFault ? 'fault' : ''}" part="toast ${toast?.isFault ? 'toast-fault' : ''}">
        ${toast === undefined ? nothing : controlIcon(toast.isFault ? 'error' : 'check')}<span>${shown}</span>
        ${
          toast?.undo === undefined
            ? nothing
            : html`<button type="button" class="link" part="button undo" @click=${toast.undo}>${text('action.undo')}</button>`
        }</div>`
  }</div>`;
}
