import type { InboxItem } from '@tidings/client/shared';
import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { live } from 'lit/directives/live.js';
import { controlIcon } from '../icons.ts';
import { dayHeading, fullTime, relativeTime, shortTime } from '../times.ts';
import type { Line } from './days.ts';
import { excerptOfItem } from './excerpt.ts';
import type { Frame } from './frame.ts';
import { buttonsOf } from './row-actions.ts';

/** The state of the list around a row. */
export interface RowContext extends Frame {
  /** Number of notifications in the list; -1 if it is not known. */
  readonly size: number;
  readonly activeKey: string | undefined;
  readonly openedKey: string | undefined;
  readonly isSelected: (key: string) => boolean;
  readonly drawIcon: (item: InboxItem) => unknown;
  /** The host's own content of a row. */
  readonly renderItem: ((item: InboxItem) => unknown) | undefined;
}

/** The heading of a day. Hidden from screen readers: a feed may contain only articles, and each says its own time. */
export function dayRow({ key, start }: Extract<Line, { kind: 'day' }>, { text, tag, now }: Frame): TemplateResult {
  return html`<div class="day" part="day" data-line=${key} data-kind="day" aria-hidden="true">
    ${start === undefined ? text('inbox.noDate') : dayHeading(new Date(start), now, tag)}
  </div>`;
}

/** A notification in the list. Events are handled by the list: `data-do` says what a click does. */
export function itemRow(item: InboxItem, position: number, context: RowContext): TemplateResult {
  const { text, size, activeKey, openedKey, isSelected, drawIcon, renderItem } = context;
  const { id, subject } = item;
  const isActive = id === activeKey;
  const isUnread = item.read_at === null;
  const isOpened = id === openedKey;
  const selected = isSelected(id);
  const states = [isUnread && 'unread', selected && 'selected', isOpened && 'opened', !item.message && 'brief']
    .filter(Boolean)
    .join(' ');
  return html`<article
    class="row ${states}" part="row ${states}" data-line=${id} data-kind="item" data-key=${id} tabindex=${isActive ? 0 : -1}
    aria-posinset=${position + 1} aria-setsize=${size} aria-labelledby="subject-${id}" aria-describedby="about-${id}"
    aria-current=${isOpened ? 'true' : nothing}
  >
    <span class="dot" part="unread-dot"></span>
    <label class="pick" part="select">
      <span class="glyph" part="icon-frame">${drawIcon(item)}</span>
      <input
        type="checkbox" part="checkbox" data-do="select" .checked=${live(selected)} tabindex=${isActive ? 0 : -1}
        aria-label=${text('inbox.selectItem', { subject })}
      >
    </label>
    <div class="body ${renderItem ? '' : 'plain'}" part="body">
      <slot name="item-${id}">${renderItem ? renderItem(item) : nothing}</slot>
      <div class=${renderItem ? 'visually-hidden' : 'words'}>
        <h3 class="subject" part="subject" dir="auto" id="subject-${id}" title=${ifDefined(subject.length > 60 ? subject : undefined)}>
          ${isUnread ? html`<bdi class="visually-hidden">${text('inbox.unreadPrefix')} </bdi>` : nothing}${subject}
        </h3>
        <p class="excerpt" part="excerpt" dir="auto">${excerptOfItem(item)}</p>
      </div>
    </div>
    <div class="meta" part="meta" id="about-${id}">${meta(item, context)}</div>
    <div class="acts" part="row-actions" role="toolbar" aria-label=${text('inbox.actionsOf', { subject })}>
      ${buttonsOf(item, context.mayDelete).map(
        ({ deed, icon, label }, index) => html`<button
          type="button" class="icon-button" part="button row-button" data-do=${deed} title=${text(label)}
          aria-label=${text(label)} tabindex=${isActive && index === 0 ? 0 : -1}
        >${controlIcon(icon)}</button>`,
      )}
    </div>
    <button
      type="button" class="icon-button more" part="button more-button" data-do="ask-more" aria-haspopup="menu"
      aria-label=${text('inbox.actionsOf', { subject })} tabindex="-1"
    >${controlIcon('more')}</button>
  </article>`;
}

function meta({ saved_at, snoozed_until, timestamp }: InboxItem, { text, tag, now }: Frame): TemplateResult {
  const time = timestamp === null ? undefined : new Date(timestamp);
  const until = snoozed_until === null ? undefined : new Date(snoozed_until);
  return html`${saved_at === null ? nothing : html`<span class="flag" part="saved-mark" role="img" aria-label=${text('inbox.savedMark')}>${controlIcon('save')}</span>`}
  ${
    until
      ? html`<time class="until" part="snoozed-until" datetime=${until.toISOString()} title=${fullTime(until, tag)}>${text(
          'inbox.snoozedUntil',
          { time: shortTime(until, now, tag) },
        )}</time>`
      : time
        ? html`<time part="time" datetime=${time.toISOString()} title=${fullTime(time, tag)}>${relativeTime(time, now, tag)}</time>`
        : nothing
  }`;
}

/** Grey bars in place of rows while the first page is read. */
export function skeleton(text: Frame['text']): TemplateResult {
  return html`<div class="skeleton" part="loading">
    <span class="visually-hidden" role="status">${text('inbox.loading')}</span>
    ${[0, 1, 2, 3, 4, 5].map(
      () =>
        html`<div class="ghost" aria-hidden="true"><i class="ghost-icon"></i><i class="ghost-line"></i><i class="ghost-line short"></i></div>`,
    )}
  </div>`;
}
