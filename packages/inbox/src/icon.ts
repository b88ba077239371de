import { html, nothing, svg, type TemplateResult } from 'lit';

/** Draws an icon of 24 x 24 in the colour of the text. Hidden from screen readers: a text beside it says the same. */
export function drawIcon(paths: string, part?: string): TemplateResult {
  return html`<svg class="icon" part=${part ?? nothing} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    ${svg`<path d=${paths}></path>`}
  </svg>`;
}
