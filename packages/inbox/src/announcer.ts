import { html, type TemplateResult } from 'lit';
import { Announcements } from './announcements.ts';

/** A polite live region, which announces at most once in five seconds. The host renders `region()` in its template. */
export class Announcer extends Announcements {
  region(): TemplateResult {
    return html`<div class="visually-hidden" role="status" aria-live="polite">${this.text}</div>`;
  }
}
