import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { controlIcon } from '../icons.ts';
import type { Line } from './days.ts';
import type { InboxModel } from './model.ts';
import { dayRow, itemRow, type RowContext, skeleton } from './row.ts';
import { extend, isEmpty, toggle } from './selection.ts';
import { emptyState, noMatches, troubleState } from './states.ts';
import { tabLabels } from './tab-bar.ts';
import { everything, isNarrowed } from './view-options.ts';

interface ListPaneContext extends RowContext {
  readonly model: InboxModel;
  /** Whether there are tabs to choose from. */
  readonly hasTabs: boolean;
  readonly update: () => void;
}

/** The list with what stands in its place: loading, empty, in trouble. */
export function listPane(context: ListPaneContext): TemplateResult {
  const { text, model, hasTabs } = context;
  const { list, options, opened, isWide, navigator, scroller } = model;
  const view = list.view();
  const { from, to, day } = scroller.window(view.lines);
  const drawn = view.lines.slice(from, to);
  const lines = day === undefined ? drawn : [view.lines[day] as Line, ...drawn];
  const hasActive = lines.some(({ key }) => key === navigator.activeKey);
  const isCovered = opened.state !== 'none' && !isWide;
  return html`<div
    class="column" part="list-column" id="list" role=${hasTabs ? 'tabpanel' : nothing}
    aria-labelledby=${hasTabs ? `tab-${options.tab}` : nothing} ?inert=${isCovered}
  >
    ${
      view.held > 0
        ? html`<button type="button" class="pill" part="button pill" @click=${() => model.acceptNew()}>
            ${text('inbox.pill', { count: view.held })}
          </button>`
        : nothing
    }
    <div
      class="scroll ${isEmpty(model.selection) ? '' : 'selecting'}" part="scroll" tabindex=${hasActive || view.lines.length === 0 ? -1 : 0}
      @click=${(event: MouseEvent) => onClick(event, context)}
      @pointerenter=${() => setInside(model, true)} @pointerleave=${() => setInside(model, false)}
    >
      ${
        lines.length > 0
          ? html`<div class="feed" part="list" role="feed" aria-label=${text(tabLabels[options.tab])} aria-busy=${view.isLoadingMore}>
              ${repeat(
                lines,
                ({ key }) => key,
                (line) => (line.kind === 'day' ? dayRow(line, context) : itemRow(line.item, line.position, context)),
              )}
            </div>`
          : instead(context)
      }
      ${view.hasMore && lines.length > 0 ? more(context) : nothing}
    </div>
  </div>`;
}

function setInside(model: InboxModel, isInside: boolean): void {
  model.isPointerInside = isInside;
}

function instead({ text, model }: ListPaneContext): TemplateResult {
  const { list, options, trouble } = model;
  const view = list.view();
  const what = trouble.update(view);
  if (!view.isLoaded) return what ? troubleState(text, what, () => model.reopen()) : skeleton(text);
  if (view.hasMore) return skeleton(text);
  return isNarrowed(options)
    ? noMatches(text, () => model.setView({ ...everything, tab: options.tab }))
    : emptyState(text, options.tab);
}

function more({ text, model }: ListPaneContext): TemplateResult {
  const { isLoadingMore, isMoreRefused } = model.list.view();
  return html`<div class="more-line" part="more">
    ${isMoreRefused ? html`<span>${text('inbox.moreFailed')}</span>` : nothing}
    <button type="button" class="button" part="button more" ?disabled=${isLoadingMore} @click=${() => void model.list.loadMore()}>
      ${isLoadingMore ? text('inbox.loading') : html`${controlIcon('chevronDown')} ${text('inbox.loadMore')}`}
    </button>
  </div>`;
}

function onClick(event: MouseEvent, { model, update }: ListPaneContext): void {
  const target = event.target as Element;
  const row = target.closest<HTMLElement>('[data-key]');
  const key = row?.dataset['key'];
  const { items, keys } = model.list.view();
  const item = items.find(({ id }) => id === key);
  if (!row || !item) return;
  const doer = target.closest<HTMLElement>('[data-do]');
  const deed = doer?.dataset['do'];
  model.navigator.activeKey = item.id;
  if (deed === 'select') {
    model.selection = event.shiftKey ? extend(model.selection, item.id, keys) : toggle(model.selection, item.id);
  } else if (doer && deed === 'ask-more') {
    if (model.popup.isAt(doer)) model.popup.close();
    else model.popup.open({ kind: 'more', item, isSelected: model.selection.keys.has(item.id) }, doer);
  } else if (doer) {
    model.deed(deed as Parameters<InboxModel['deed']>[0], { keys: [item.id] }, doer);
  } else if (!target.closest('.pick, a, [data-own]')) {
    model.open(item);
  }
  update();
}
