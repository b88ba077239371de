import type { Ask } from '@tidings/client/request';
import { html, nothing, type TemplateResult } from 'lit';
import { controlIcon } from '../icons.ts';
import { shortTime } from '../times.ts';
import { type Cell, type Explanation, readExplanation } from './data.ts';
import { channelName, type Frame } from './frame.ts';
import { isChoice, longReason } from './reasons.ts';
import { keyOf } from './sheet.ts';

/** The explanation of one cell: what would happen to a message now. */
export class Explainer {
  /** The key of the cell. */
  key: string | undefined;
  answer: Explanation | 'loading' | 'failed' = 'loading';
  #closing: AbortController | undefined;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Opens the explanation of a cell, or asks again. */
  async open(ask: Ask, cell: Cell): Promise<void> {
    this.close();
    const closing = new AbortController();
    this.#closing = closing;
    this.key = keyOf(cell);
    this.answer = 'loading';
    this.#onChange();
    try {
      const found = await readExplanation(ask, cell.template?.id ?? '', cell.channel, closing.signal);
      if (closing.signal.aborted) return;
      this.answer = found ?? 'failed';
    } catch {
      if (closing.signal.aborted) return;
      this.answer = 'failed';
    }
    this.#onChange();
  }

  close(): void {
    this.#closing?.abort();
    this.key = undefined;
    this.#onChange();
  }
}

interface ExplanationView {
  readonly frame: Frame;
  readonly cell: Cell;
  readonly answer: Explainer['answer'];
  onClose(): void;
  onDefault(): void;
}

export function explanationPanel({ frame, cell, answer, onClose, onDefault }: ExplanationView): TemplateResult {
  const { text } = frame;
  const template = cell.template?.name ?? '';
  const title = text('preferences.explainTitle', { template, channel: channelName(frame, cell.channel) });
  return html`<div class="explanation" id="explanation" role="group" aria-label=${title} part="explanation">
    <div class="explanation-text" aria-live="polite">${body(frame, answer)}</div>
    <div class="buttons">
      ${
        isChoice(cell.because)
          ? html`<button type="button" class="button" part="button reset" @click=${onDefault}>${text('preferences.reset')}</button>`
          : nothing
      }
      <button type="button" class="icon-button" part="button close" aria-label=${text('preferences.explainClose')}
        @click=${onClose}>${controlIcon('close')}</button>
    </div>
  </div>`;
}

function body(frame: Frame, answer: Explainer['answer']): TemplateResult {
  const { text } = frame;
  if (answer === 'loading') return html`<p>${text('preferences.explainLoading')}</p>`;
  if (answer === 'failed') return html`<p>${text('preferences.failedHint')}</p>`;
  return html`<p class="verdict" part="verdict">${verdict(frame, answer)}</p>
    <ul part="steps">${answer.steps.map(
      ({ rule, passed }) => html`<li class=${passed ? 'passed' : 'stopped'}>
        ${controlIcon(passed ? 'check' : 'close')}<span>${text(longReason(rule, passed))}</span></li>`,
    )}</ul>`;
}

function verdict({ text, tag, now }: Frame, { verdict: found, until }: Explanation): string {
  if (found === 'sends') return text('preferences.explainSends');
  if (found === 'left_out') return text('preferences.explainLeftOut');
  if (until === null) return text('preferences.explainWaits');
  return text('preferences.explainHolds', { time: shortTime(new Date(until), now, tag) });
}
