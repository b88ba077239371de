import type { InboxItem } from '@tidings/client/shared';
import { html, nothing, type TemplateResult } from 'lit';
import { type Control, controlIcon } from '../icons.ts';
import { fullTime, shortTime } from '../times.ts';
import type { Target } from './actions.ts';
import { type FilterContent, filterForm } from './filter-form.ts';
import type { Frame } from './frame.ts';
import { buttonsOf, type Deed } from './row-actions.ts';
import { snoozeTimes, toLocalInput } from './snooze-times.ts';

/** What a popup shows. */
export type MenuContent =
  | { readonly kind: 'snooze' | 'own-time' | 'delete'; readonly target: Target; readonly count: number | undefined }
  | { readonly kind: 'more'; readonly item: InboxItem; readonly isSelected: boolean }
  | FilterContent;

export interface MenuHandlers {
  readonly onKey: (event: KeyboardEvent) => void;
  readonly snooze: (target: Target, until: Date) => void;
  readonly askTime: (content: MenuContent) => void;
  readonly remove: (target: Target) => void;
  readonly doItem: (deed: Deed, item: InboxItem) => void;
  readonly select: (item: InboxItem) => void;
  readonly close: () => void;
}

export function menu(content: MenuContent, frame: Frame, on: MenuHandlers): TemplateResult {
  switch (content.kind) {
    case 'snooze':
      return snoozeMenu(content, frame, on);
    case 'own-time':
      return ownTime(content.target, frame, on);
    case 'delete':
      return deleteMenu(content.target, content.count, frame, on);
    case 'more':
      return moreMenu(content, frame, on);
    case 'filter':
      return filterForm(content, frame, on.onKey);
  }
}

function list(label: string, items: readonly unknown[], on: MenuHandlers): TemplateResult {
  return html`<div class="popup menu" part="menu" popover="manual" role="menu" tabindex="-1" aria-label=${label} @keydown=${on.onKey}>${items}</div>`;
}

function item(icon: Control, label: string, onClick: () => void, hint?: string, isDanger = false): TemplateResult {
  return html`<button
    type="button" role="menuitem" tabindex="-1" class="menu-item ${isDanger ? 'danger' : ''}"
    part="menu-item${isDanger ? ' danger' : ''}" @click=${onClick}
  >${controlIcon(icon)}<span class="menu-label">${label}</span>${hint ? html`<span class="menu-hint" part="menu-hint">${hint}</span>` : nothing}</button>`;
}

function snoozeMenu(
  { target, count }: Extract<MenuContent, { kind: 'snooze' | 'own-time' | 'delete' }>,
  { text, tag, now }: Frame,
  on: MenuHandlers,
): TemplateResult {
  const icons = { hour: 'clock', tomorrow: 'sun', week: 'calendar' } as const;
  const times = snoozeTimes(now).map(({ name, until }) =>
    item(icons[name], text(`inbox.snooze.${name}`), () => on.snooze(target, until), shortTime(until, now, tag)),
  );
  const own = item('edit', text('inbox.snooze.own'), () => on.askTime({ kind: 'own-time', target, count }));
  return list(text('action.snooze'), [...times, html`<hr part="menu-line">`, own], on);
}

function ownTime(target: Target, { text, tag, now }: Frame, on: MenuHandlers): TemplateResult {
  const first = toLocalInput(snoozeTimes(now)[1]?.until ?? now);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLElement).querySelector('input');
    const until = new Date(input?.value ?? '');
    const isLater = until.getTime() > Date.now();
    input?.setCustomValidity(isLater ? '' : text('inbox.snooze.past'));
    if (isLater) on.snooze(target, until);
    else input?.reportValidity();
  };
  const onInput = (event: Event) => (event.currentTarget as HTMLInputElement).setCustomValidity('');
  return html`<div class="popup form" part="menu" popover="manual" role="dialog" aria-label=${text('inbox.snooze.own')} @keydown=${on.onKey}>
    <form novalidate @submit=${onSubmit}>
      <label class="field" part="field">${text('inbox.snooze.until')}
        <input
          type="datetime-local" part="input" autofocus .value=${first} min=${toLocalInput(now)} title=${fullTime(now, tag)}
          @input=${onInput}
        >
      </label>
      <div class="form-end">
        <button type="button" class="button" part="button" @click=${on.close}>${text('action.cancel')}</button>
        <button type="submit" class="button primary" part="button primary-button">${text('action.snooze')}</button>
      </div>
    </form>
  </div>`;
}

function deleteMenu(target: Target, count: number | undefined, { text }: Frame, on: MenuHandlers): TemplateResult {
  const question = count === undefined ? text('inbox.deleteAll') : text('inbox.deleteSome', { count });
  return html`<div class="popup form" part="menu" popover="manual" role="alertdialog" aria-label=${question} @keydown=${on.onKey}>
    <p class="question" part="question">${question}</p>
    <div class="form-end">
      <button type="button" class="button" part="button" @click=${on.close}>${text('action.cancel')}</button>
      <button type="button" class="button danger" part="button danger-button" autofocus @click=${() => on.remove(target)}>
        ${text('action.delete')}
      </button>
    </div>
  </div>`;
}

function moreMenu(
  { item: notification, isSelected }: Extract<MenuContent, { kind: 'more' }>,
  { text, mayDelete }: Frame,
  on: MenuHandlers,
): TemplateResult {
  const select = item('check', text(isSelected ? 'inbox.unselect' : 'inbox.select'), () => on.select(notification));
  const deeds = buttonsOf(notification, mayDelete).map(({ deed, icon, label }) =>
    item(icon, text(label), () => on.doItem(deed, notification), undefined, deed === 'ask-delete'),
  );
  return list(text('inbox.actionsOf', { subject: notification.subject }), [select, ...deeds], on);
}
