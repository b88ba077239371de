import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Extent } from './sheet.ts';

interface Labelled {
  readonly label: string;
  /** The id of the element that says why it is so. */
  readonly describedBy?: string;
  readonly disabled?: boolean;
  readonly part?: string;
  onChange(isOn: boolean): void;
}

const isChecked = ({ target }: Event) => target instanceof HTMLInputElement && target.checked;

/** A switch for one thing. */
export function switchControl({ label, describedBy, disabled = false, part = '', onChange }: Labelled, isOn: boolean) {
  return html`<input type="checkbox" role="switch" class="switch" part="switch ${part}" aria-label=${label}
    aria-describedby=${describedBy ?? nothing} ?disabled=${disabled} .checked=${live(isOn)}
    @change=${(event: Event) => onChange(isChecked(event))}>`;
}

/** A checkbox for several things, of which all, some or none are on. */
export function extentControl(
  { label, disabled = false, part = '', onChange }: Labelled,
  extent: Extent,
): TemplateResult {
  return html`<input type="checkbox" class="all" part="checkbox ${part}" aria-label=${label} ?disabled=${disabled}
    .checked=${live(extent === 'all')} .indeterminate=${live(extent === 'some')}
    @change=${(event: Event) => onChange(isChecked(event))}>`;
}
