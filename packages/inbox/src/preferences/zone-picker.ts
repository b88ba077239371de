import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Frame } from './frame.ts';
import { findZones, listZones, type Zone, zoneName } from './zones.ts';

interface PickerView {
  readonly frame: Frame;
  readonly zone: string | null;
  /** Where the list is found after it was drawn. */
  readonly root: ParentNode;
  onPick(id: string): void;
}

/**
 * A text field that searches the time zones, with a list under it: the pattern "combobox" of the ARIA practices. The
 * list is computed when it is first opened.
 */
export class ZonePicker {
  #zones: readonly Zone[] | undefined;
  #tag = '';
  #query: string | undefined;
  #active = 0;
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get #isOpen(): boolean {
    return this.#query !== undefined;
  }

  #found({ tag, now }: Frame): readonly Zone[] {
    if (this.#zones === undefined || this.#tag !== tag) {
      this.#zones = listZones(tag, now);
      this.#tag = tag;
    }
    return findZones(this.#zones, this.#query ?? '');
  }

  render(view: PickerView): TemplateResult {
    const { frame, zone } = view;
    const { text } = frame;
    const found = this.#isOpen ? this.#found(frame) : [];
    const shown = this.#query ?? (zone === null ? '' : zoneName(zone));
    return html`<div class="picker" part="zone-picker">
      <input type="text" class="field" part="field zone" id="zone" role="combobox" autocomplete="off" spellcheck="false"
        aria-labelledby="zone-label" aria-describedby="zone-hint" aria-autocomplete="list" aria-controls="zones"
        aria-expanded=${this.#isOpen ? 'true' : 'false'}
        aria-activedescendant=${found.length > 0 ? `zone-${this.#active}` : nothing}
        placeholder=${zone === null ? text('preferences.timezoneNone') : zoneName(zone)} .value=${live(shown)}
        @click=${() => this.#open('', view)} @input=${(event: Event) => this.#onInput(event, view)}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event, view)} @blur=${() => this.#close()}>
      <ul id="zones" role="listbox" part="zones" aria-labelledby="zone-label" ?hidden=${!this.#isOpen}
        @pointerdown=${(event: Event) => event.preventDefault()}>
        ${found.map(
          ({ id, name, offset }, index) => html`<li role="option" id="zone-${index}" part="zone-option"
            aria-selected=${id === zone ? 'true' : 'false'} class=${index === this.#active ? 'active' : ''}
            @click=${() => this.#pick(id, view)}><span>${name}</span><span class="offset">${offset}</span></li>`,
        )}
        ${found.length === 0 ? html`<li class="no-match" role="option" aria-disabled="true">${text('preferences.timezoneNoMatch')}</li>` : nothing}
      </ul>
    </div>`;
  }

  #open(query: string, view: PickerView): void {
    if (this.#isOpen) return;
    this.#query = query;
    this.#active = Math.max(
      0,
      this.#found(view.frame).findIndex(({ id }) => id === (view.zone ?? 'UTC')),
    );
    this.#changed(view);
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#query = undefined;
    this.#onChange();
  }

  #pick(id: string, view: PickerView): void {
    this.#close();
    if (id !== view.zone) view.onPick(id);
  }

  #onInput({ target }: Event, view: PickerView): void {
    if (!(target instanceof HTMLInputElement)) return;
    this.#query = target.value;
    this.#active = 0;
    this.#changed(view);
  }

  #onKey(event: KeyboardEvent, view: PickerView): void {
    const { key } = event;
    if (key === 'Escape' && this.#isOpen) {
      event.stopPropagation();
      this.#close();
    } else if (key === 'ArrowDown' || key === 'ArrowUp') {
      event.preventDefault();
      if (!this.#isOpen) {
        this.#open('', view);
        return;
      }
      const last = this.#found(view.frame).length - 1;
      this.#active = Math.min(Math.max(this.#active + (key === 'ArrowDown' ? 1 : -1), 0), Math.max(last, 0));
      this.#changed(view);
    } else if (key === 'Enter' && this.#isOpen) {
      event.preventDefault();
      const zone = this.#found(view.frame)[this.#active];
      if (zone !== undefined) this.#pick(zone.id, view);
    }
  }

  #changed({ root }: PickerView): void {
    this.#onChange();
    // After the list was drawn.
    requestAnimationFrame(() => root.querySelector(`#zone-${this.#active}`)?.scrollIntoView({ block: 'nearest' }));
  }
}
