import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { controlIcon } from '../icons.ts';
import { shortTime } from '../times.ts';
import type { QuietHoursInput } from './changes.ts';
import { switchControl } from './controls.ts';
import { type Category, type QuietHours, type QuietWindow, type Weekday, weekdays } from './data.ts';
import type { Frame } from './frame.ts';
import { dayName, orderedDays } from './week.ts';

/** What the quiet hours are when they are switched on for the first time. */
export const usualQuiet: QuietHoursInput = {
  windows: [{ days: weekdays, from: '22:00', until: '07:00' }],
  breakthrough: [],
};

interface QuietView {
  readonly frame: Frame;
  readonly quiet: QuietHours | null;
  /** The categories that may be sent all the same. */
  readonly categories: readonly Category[];
  onSwitch(isOn: boolean): void;
  onChange(quiet: QuietHoursInput): void;
}

export function quietSection(view: QuietView): TemplateResult {
  const { frame, quiet, onSwitch } = view;
  const { text } = frame;
  const isOn = quiet !== null && quiet.windows.length > 0;
  return html`<div class="setting quiet" part="setting quiet">
    <div class="about"><span class="name" id="quiet-label">${text('preferences.quiet')}</span>
      <span class="hint" part="hint" id="quiet-hint">${text('preferences.quietHint')}</span></div>
    ${switchControl(
      { label: text('preferences.quiet'), describedBy: 'quiet-hint', part: 'quiet-switch', onChange: onSwitch },
      isOn,
    )}
    ${isOn ? html`<div class="details">${heldNow(frame, quiet)}${details(view, quiet)}</div>` : nothing}
  </div>`;
}

function heldNow({ text, tag, now }: Frame, { held_until: until }: QuietHours): TemplateResult | typeof nothing {
  const end = until === null ? undefined : new Date(until);
  if (end === undefined || end <= now) return nothing;
  return html`<p class="held" part="held">${controlIcon('moon')}
    <span>${text('preferences.heldNow', { time: shortTime(end, now, tag) })}</span></p>`;
}

function details({ frame, quiet: _quiet, categories, onChange }: QuietView, quiet: QuietHours): TemplateResult {
  const { text } = frame;
  const { windows, breakthrough } = quiet;
  const change = (changed: Partial<QuietHoursInput>) => onChange({ windows, breakthrough, ...changed });
  const replace = (index: number, ...by: readonly QuietWindow[]) =>
    change({ windows: windows.flatMap((window, at) => (at === index ? by : [window])) });
  return html`
    ${windows.map((window, index) =>
      windowRow(frame, window, index, {
        onChange: (changed) => replace(index, changed),
        onRemove: windows.length > 1 ? () => replace(index) : undefined,
      }),
    )}
    <button type="button" class="button quiet-add" part="button add"
      @click=${() => change({ windows: [...windows, { days: ['saturday', 'sunday'], from: '08:00', until: '10:00' }] })}>
      ${controlIcon('plus')}${text('preferences.quietAdd')}</button>
    ${
      categories.length === 0
        ? nothing
        : html`<fieldset part="breakthrough"><legend>${text('preferences.quietBreakthrough')}</legend>
          <div class="pills">${categories.map(({ key, name }) =>
            pill(name, breakthrough.includes(key), (isOn) =>
              change({ breakthrough: isOn ? [...breakthrough, key] : breakthrough.filter((other) => other !== key) }),
            ),
          )}</div></fieldset>`
    }`;
}

interface WindowActions {
  onChange(window: QuietWindow): void;
  readonly onRemove: (() => void) | undefined;
}

function windowRow(frame: Frame, window: QuietWindow, index: number, actions: WindowActions): TemplateResult {
  const { text, tag } = frame;
  const { days, from, until } = window;
  const switchDay = (day: Weekday, isOn: boolean) =>
    actions.onChange({ ...window, days: weekdays.filter((one) => (one === day ? isOn : days.includes(one))) });
  return html`<fieldset class="window" part="window">
    <legend class="visually-hidden">${text('preferences.quietWindow', { number: index + 1 })}</legend>
    <div class="times">
      ${timeField(text('preferences.from'), from, (value) => actions.onChange({ ...window, from: value }))}
      ${timeField(text('preferences.until'), until, (value) => actions.onChange({ ...window, until: value }))}
      ${
        actions.onRemove === undefined
          ? nothing
          : html`<button type="button" class="icon-button" part="button remove" @click=${actions.onRemove}
              aria-label=${text('preferences.quietRemove')}>${controlIcon('delete')}</button>`
      }
    </div>
    ${until > from ? nothing : html`<p class="hint">${text(until === from ? 'preferences.wholeDays' : 'preferences.quietNextDay')}</p>`}
    <div class="pills" role="group" aria-label=${text('preferences.days')}>
      ${orderedDays(tag).map((day) => {
        const isOn = days.includes(day);
        // A window without days would be refused.
        const isLast = isOn && days.length === 1;
        return pill(
          dayName(day, tag, 'short'),
          isOn,
          (value) => switchDay(day, value),
          isLast,
          dayName(day, tag, 'long'),
        );
      })}
    </div>
  </fieldset>`;
}

function pill(
  label: string,
  isOn: boolean,
  onChange: (isOn: boolean) => void,
  disabled = false,
  fullLabel: string = label,
): TemplateResult {
  return html`<label class="pill" part="pill"><input type="checkbox" aria-label=${fullLabel} ?disabled=${disabled}
    .checked=${live(isOn)} @change=${(event: Event) => onChange((event.target as HTMLInputElement).checked)}>
    <span>${label}</span></label>`;
}

function timeField(label: string, value: string, onChange: (value: string) => void): TemplateResult {
  return html`<label class="time"><span>${label}</span><input type="time" class="field" part="field time" required .value=${live(value)}
    @change=${({ target }: Event) => {
      const given = (target as HTMLInputElement).value.slice(0, 5);
      if (given !== '' && given !== value) onChange(given);
    }}></label>`;
}
