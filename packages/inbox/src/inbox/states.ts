import { html, nothing, type TemplateResult } from 'lit';
import { type Control, controlIcon } from '../icons.ts';
import type { InboxKey } from '../strings/inbox/catalog.ts';
import type { Frame } from './frame.ts';
import type { Tab } from './tabs.ts';

const emptyIcons: Readonly<Record<Tab, Control>> = {
  all: 'inbox',
  unread: 'checkAll',
  saved: 'save',
  snoozed: 'snooze',
  archived: 'archive',
};

interface Note {
  readonly icon: Control;
  readonly title: InboxKey;
  readonly hint: InboxKey;
  readonly button?: { readonly label: InboxKey; readonly onClick: () => void };
}

function note(text: Frame['text'], { icon, title, hint, button }: Note, part: string): TemplateResult {
  return html`<div class="note" part=${part}>
    <span class="note-icon" part="state-icon">${controlIcon(icon)}</span>
    <p class="note-title" part="state-title">${text(title)}</p>
    <p class="note-hint" part="state-hint">${text(hint)}</p>
    ${
      button
        ? html`<button type="button" class="button" part="button state-button" @click=${button.onClick}>${text(button.label)}</button>`
        : nothing
    }
  </div>`;
}

/** An empty tab, in its own words. */
export function emptyState(text: Frame['text'], tab: Tab): TemplateResult {
  return html`<slot name="empty">${note(
    text,
    { icon: emptyIcons[tab], title: `inbox.empty.${tab}`, hint: `inbox.emptyHint.${tab}` },
    'state empty',
  )}</slot>`;
}

/** Nothing matches what was searched for. */
export function noMatches(text: Frame['text'], onClear: () => void): TemplateResult {
  const button = { label: 'inbox.clearSearch', onClick: onClear } as const;
  return note(
    text,
    { icon: 'search', title: 'inbox.noMatches', hint: 'inbox.noMatchesHint', button },
    'state no-matches',
  );
}

export type Trouble = 'offline' | 'refused' | 'error' | 'none';

/** There is no list to show, and why. */
export function troubleState(text: Frame['text'], trouble: Trouble, onRetry: () => void): TemplateResult {
  const icon: Control = trouble === 'offline' ? 'offline' : trouble === 'error' ? 'error' : 'lock';
  const button = { label: 'action.retry', onClick: onRetry } as const;
  return note(
    text,
    {
      icon,
      title: `inbox.trouble.${trouble}`,
      hint: `inbox.troubleHint.${trouble}`,
      ...(trouble !== 'none' && { button }),
    },
    `state ${trouble}`,
  );
}

/** Says above a list that it is not up to date, and why. */
export function troubleBanner(text: Frame['text'], trouble: Trouble, onRetry: () => void): TemplateResult {
  return html`<div class="banner" part="banner" role="status">
    ${controlIcon(trouble === 'offline' ? 'offline' : 'error')}
    <span>${text(`inbox.banner.${trouble === 'none' ? 'refused' : trouble}`)}</span>
    <button type="button" class="link-button" part="button banner-button" @click=${onRetry}>${text('action.retry')}</button>
  </div>`;
}

/** What a wide page shows while nothing is open. */
export function emptyPane({ text }: Frame): TemplateResult {
  return html`<div class="pane" part="message no-selection"><div class="note">
    <span class="note-icon">${controlIcon('mailOpen')}</span>
    <p class="note-hint">${text('inbox.nothingOpen')}</p>
  </div></div>`;
}

/** The place of the message while the code that draws it is loaded. */
export function pendingPane({ text }: Frame): TemplateResult {
  return html`<div class="pane" part="message" aria-busy="true"><span class="visually-hidden" role="status">${text('inbox.loading')}</span></div>`;
}
