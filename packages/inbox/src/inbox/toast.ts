import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { controlIcon } from '../icons.ts';
import type { Report } from './actions.ts';
import type { Frame } from './frame.ts';

/** How long a toast is shown, in milliseconds, not counting while the pointer or the focus is in it. */
const shownMs = 8_000;

/** What the last action did, with a button that takes it back. */
export class Toast implements ReactiveController {
  report: Report | undefined;
  readonly #host: ReactiveControllerHost;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #leftMs = 0;
  #startedAt = 0;

  constructor(host: ReactiveControllerHost) {
    this.#host = host;
    host.addController(this);
  }

  show(report: Report | undefined): void {
    this.report = report;
    this.#leftMs = shownMs;
    this.#resume();
    this.#host.requestUpdate();
  }

  readonly #pause = (): void => {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#leftMs -= performance.now() - this.#startedAt;
  };

  readonly #resume = (): void => {
    clearTimeout(this.#timer);
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#end, this.#leftMs);
  };

  readonly #end = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.report = undefined;
    this.#host.requestUpdate();
  };

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.report = undefined;
  }

  render({ text }: Frame, onUndo: () => void): TemplateResult | typeof nothing {
    const { report } = this;
    if (!report) return nothing;
    const undo = () => {
      this.#end();
      onUndo();
    };
    return html`<div
      class="toast ${report.kind}" part="toast ${report.kind}" @pointerenter=${this.#pause} @pointerleave=${this.#resume}
      @focusin=${this.#pause} @focusout=${this.#resume}
    >
      <span class="toast-text" part="toast-text">${reportText(text, report)}</span>
      ${
        report.kind === 'done' && report.isUndoable
          ? html`<button type="button" class="toast-button" part="button undo-button" @click=${undo}>${text('action.undo')}</button>`
          : nothing
      }
      <button type="button" class="toast-button toast-close" part="button toast-close" aria-label=${text('action.close')} @click=${this.#end}>
        ${controlIcon('close')}
      </button>
    </div>`;
  }
}

/** What a toast says, also for screen readers. */
export function reportText(text: Frame['text'], report: Report): string {
  if (report.kind === 'failed') return text(report.isOffline ? 'inbox.failedOffline' : 'inbox.failed');
  if (report.kind === 'undone') return text(report.count === 0 ? 'inbox.undoneNone' : 'inbox.undone');
  return report.count === 0 ? text('inbox.doneNone') : text(`inbox.done.${report.action}`, { count: report.count });
}
