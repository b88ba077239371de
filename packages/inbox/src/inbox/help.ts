import { html, type TemplateResult } from 'lit';
import { controlIcon } from '../icons.ts';
import type { InboxKey } from '../strings/inbox/catalog.ts';
import type { Frame } from './frame.ts';
import type { Command } from './keys.ts';

const labels: Readonly<Record<Command, InboxKey>> = {
  next: 'inbox.key.next',
  previous: 'inbox.key.previous',
  first: 'inbox.key.first',
  last: 'inbox.key.last',
  open: 'inbox.key.open',
  close: 'inbox.key.close',
  select: 'inbox.key.select',
  archive: 'inbox.key.archive',
  read: 'inbox.key.read',
  save: 'inbox.key.save',
  snooze: 'inbox.key.snooze',
  undo: 'inbox.key.undo',
  search: 'inbox.key.search',
  help: 'inbox.key.help',
};

const symbols: Readonly<Record<string, string>> = {
  ArrowDown: '↓',
  ArrowUp: '↑',
  Escape: 'Esc',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
};

/** The list of keys. */
export function helpDialog(
  { text }: Frame,
  keys: Readonly<Record<Command, readonly string[]>>,
  onClose: () => void,
): TemplateResult {
  const commands = (Object.keys(labels) as Command[]).filter((command) => keys[command].length > 0);
  const onKey = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape' || keys.help.includes(event.key)) {
      event.preventDefault();
      onClose();
    }
  };
  const onClick = (event: Event) => {
    // The backdrop belongs to the dialog itself.
    if (event.target === event.currentTarget) onClose();
  };
  return html`<dialog class="help" part="help" aria-label=${text('inbox.keys')} @keydown=${onKey} @click=${onClick} @cancel=${onClose}>
    <div class="help-body">
      <div class="head">
        <h2 class="title" part="help-title">${text('inbox.keys')}</h2>
        <span class="gap"></span>
        <button type="button" class="icon-button" part="button" aria-label=${text('action.close')} @click=${onClose}>${controlIcon('close')}</button>
      </div>
      <dl part="help-list">
        ${commands.map(
          (command) => html`<div class="help-row" part="help-row">
            <dt>${text(labels[command])}</dt>
            <dd>${keys[command].map((key) => html`<kbd part="key">${symbols[key] ?? key}</kbd>`)}</dd>
          </div>`,
        )}
      </dl>
    </div>
  </dialog>`;
}
