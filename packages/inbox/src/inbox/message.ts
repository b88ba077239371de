import type { InboxItem } from '@tidings/client/shared';
import { html, nothing, type TemplateResult } from 'lit';
import { controlIcon } from '../icons.ts';
import { fullTime, shortTime } from '../times.ts';
import type { Frame } from './frame.ts';
import type { Opened } from './opened.ts';
import { buttonsOf, type Deed } from './row-actions.ts';

export interface MessageContext extends Frame {
  readonly isWide: boolean;
  readonly drawIcon: (item: InboxItem) => unknown;
  readonly onDeed: (deed: Deed, item: InboxItem, anchor: Element) => void;
  readonly onClose: () => void;
  readonly onRetry: () => void;
}

const followed = new Set(['http:', 'https:', 'mailto:', 'tel:']);

/** An address that may be followed, made whole; undefined for scripts and the like. */
export function safeUrl(url: string): string | undefined {
  try {
    const { protocol, href } = new URL(url, document.baseURI);
    return followed.has(protocol) ? href : undefined;
  } catch {
    return undefined;
  }
}

/** The opened notification. */
export function messagePane(opened: Opened, context: MessageContext): TemplateResult {
  const { text, isWide, onClose } = context;
  const { item, state } = opened;
  return html`<section class="pane" part="message" tabindex="-1" aria-label=${item?.subject ?? text('inbox.message')}>
    <div class="pane-head" part="message-toolbar" role="toolbar" aria-label=${text('inbox.messageActions')}>
      <button
        type="button" class="icon-button" part="button back-button" data-close title=${text(isWide ? 'action.close' : 'action.back')}
        aria-label=${text(isWide ? 'action.close' : 'action.back')} @click=${onClose}
      ><span class=${isWide ? '' : 'turns'}>${controlIcon(isWide ? 'close' : 'back')}</span></button>
      <span class="gap"></span>
      ${state === 'open' && item ? buttons(item, context) : nothing}
    </div>
    <div class="pane-scroll" part="message-scroll">
      ${state === 'open' && item ? content(item, opened.html, context) : otherState(opened, context)}
    </div>
  </section>`;
}

function buttons(item: InboxItem, { text, mayDelete, onDeed }: MessageContext): unknown {
  return buttonsOf(item, mayDelete).map(
    ({ deed, icon, label }) => html`<button
      type="button" class="icon-button" part="button message-button" data-do=${deed} title=${text(label)} aria-label=${text(label)}
      tabindex="-1" @click=${(event: Event) => onDeed(deed, item, event.currentTarget as Element)}
    >${controlIcon(icon)}</button>`,
  );
}

function content(item: InboxItem, safeHtml: string | undefined, context: MessageContext): TemplateResult {
  const { text, tag, now, drawIcon } = context;
  const time = item.timestamp === null ? undefined : new Date(item.timestamp);
  const until = item.snoozed_until === null ? undefined : new Date(item.snoozed_until);
  const links = item.actions.flatMap(({ label, url }) => {
    const href = safeUrl(url);
    return href === undefined ? [] : [{ label, href }];
  });
  return html`<article class="message">
    <div class="message-top">
      <span class="glyph large" part="icon-frame">${drawIcon(item)}</span>
      <div>
        <h2 class="message-subject" part="message-subject" dir="auto">${item.subject}</h2>
        <p class="message-meta" part="message-meta">
          ${time ? html`<time datetime=${time.toISOString()}>${fullTime(time, tag)}</time>` : nothing}
          ${until ? html`<span class="chip" part="chip">${text('inbox.snoozedUntil', { time: shortTime(until, now, tag) })}</span>` : nothing}
          ${item.state === 'archived' ? html`<span class="chip" part="chip">${text('inbox.archivedMark')}</span>` : nothing}
          ${item.saved_at === null ? nothing : html`<span class="chip" part="chip">${text('inbox.savedMark')}</span>`}
        </p>
      </div>
    </div>
    ${
      item.message
        ? html`<div class="prose" part="message-body" dir="auto" .innerHTML=${safeHtml ?? ''} aria-busy=${safeHtml === undefined}></div>`
        : html`<p class="message-none" part="message-none">${text('inbox.noMessage')}</p>`
    }
    ${
      links.length > 0
        ? html`<div class="links" part="message-links">
            ${links.map(
              ({ label, href }, index) => html`<a
                class="button ${index === 0 ? 'primary' : ''}" part="link${index === 0 ? ' primary-link' : ''}" href=${href} rel="noopener noreferrer"
              >${label}</a>`,
            )}
          </div>`
        : nothing
    }
  </article>`;
}

function otherState({ state }: Opened, { text, onRetry }: MessageContext): TemplateResult {
  if (state === 'loading') {
    return html`<div class="skeleton" part="loading">
      <span class="visually-hidden" role="status">${text('inbox.loading')}</span>
      <div class="ghost" aria-hidden="true"><i class="ghost-icon"></i><i class="ghost-line"></i><i class="ghost-line short"></i></div>
    </div>`;
  }
  const isMissing = state === 'missing';
  return html`<div class="note" part="state">
    <span class="note-icon">${controlIcon(isMissing ? 'search' : 'offline')}</span>
    <p class="note-title">${text(isMissing ? 'inbox.missing' : 'inbox.unreadable')}</p>
    <p class="note-hint">${text(isMissing ? 'inbox.missingHint' : 'inbox.unreadableHint')}</p>
    ${isMissing ? nothing : html`<button type="button" class="button" part="button" @click=${onRetry}>${text('action.retry')}</button>`}
  </div>`;
}
