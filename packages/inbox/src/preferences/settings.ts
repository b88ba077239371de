import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Profile } from './data.ts';
import type { Frame } from './frame.ts';
import { listLanguages } from './languages.ts';
import type { ZonePicker } from './zone-picker.ts';
import { isSameZone, ownZone, zoneName } from './zones.ts';

interface SettingsView {
  readonly frame: Frame;
  readonly profile: Profile;
  /** The tags of the languages to choose from. */
  readonly languages: string | undefined;
  readonly picker: ZonePicker;
  readonly root: ParentNode;
  onChange(change: Partial<Profile>): void;
}

export function languageSetting({ frame, profile, languages, onChange }: SettingsView): TemplateResult {
  const { text, tag } = frame;
  const { language } = profile;
  return html`<div class="setting" part="setting language">
    <div class="about"><label class="name" for="language">${text('preferences.language')}</label>
      <span class="hint" part="hint" id="language-hint">${text('preferences.languageHint')}</span></div>
    <select id="language" class="field" part="field language" aria-describedby="language-hint" .value=${live(language ?? '')}
      @change=${({ target }: Event) => onChange({ language: (target as HTMLSelectElement).value || null })}>
      <option value="" ?selected=${!language}>${text('preferences.languageNone')}</option>
      ${listLanguages(languages, language, tag).map(
        (one) => html`<option value=${one.tag} lang=${one.tag} ?selected=${one.tag === language}>${one.name}</option>`,
      )}
    </select>
  </div>`;
}

export function zoneSetting({ frame, profile, picker, root, onChange }: SettingsView): TemplateResult {
  const { text } = frame;
  const { timezone } = profile;
  const own = ownZone();
  return html`<div class="setting" part="setting timezone">
    <div class="about"><label class="name" id="zone-label" for="zone">${text('preferences.timezone')}</label>
      <span class="hint" part="hint" id="zone-hint">${text('preferences.timezoneHint')}</span></div>
    <div class="zone">
      ${picker.render({ frame, zone: timezone, root, onPick: (id) => onChange({ timezone: id }) })}
      ${
        isSameZone(timezone ?? 'UTC', own)
          ? nothing
          : html`<button type="button" class="link" part="button use-zone" @click=${() => onChange({ timezone: own })}>
              ${text('preferences.timezoneUse', { zone: zoneName(own) })}</button>`
      }
    </div>
  </div>`;
}
