import { createAsk, type InboxError, isRefusal } from '@tidings/client/request';
import { type CSSResultGroup, html, nothing, type PropertyDeclarations, type TemplateResult } from 'lit';
import { Announcer } from '../announcer.ts';
import { TidingsElement } from '../element.ts';
import type { Service } from '../service.ts';
import { type PreferencesKey, preferencesTexts } from '../strings/preferences/catalog.ts';
import { Clock } from '../times.ts';
import { tokens } from '../tokens.ts';
import type { Cell, Preferences } from './data.ts';
import { Editor } from './editor.ts';
import { Explainer, explanationPanel } from './explanation.ts';
import type { Frame } from './frame.ts';
import { quietSection } from './quiet.ts';
import { languageSetting, zoneSetting } from './settings.ts';
import { arrange, keyOf } from './sheet.ts';
import { emptyState, loadingState, staleNote, toastNote, troubleState } from './states.ts';
import { type Change, PreferencesStore } from './store.ts';
import { styles } from './styles.ts';
import { kindsTable } from './table.ts';
import { faultText, Toaster } from './toaster.ts';
import { Watcher } from './watcher.ts';
import { ZonePicker } from './zone-picker.ts';

/**
 * What reaches a user by which channel and why, with quiet hours, language and time zone. Changes are saved at once.
 *
 * @element tidings-preferences
 * @slot header - replaces the title
 * @slot footer - after everything
 * @slot empty - replaces what is shown when there are no kinds of notifications
 * @fires tidings-preferences-change - before a change is made; cancelable
 * @fires tidings-error - a request failed; detail: `{ error }`
 * @cssproperty --tidings-background - the background of everything; default: that of panels
 * @cssproperty --tidings-padding - the distance to the edge
 */
export class TidingsPreferences extends TidingsElement<PreferencesKey> {
  static override properties: PropertyDeclarations = { languages: {} };
  static override styles: CSSResultGroup = [tokens, styles];

  /** Tags of the languages to choose from, separated by commas. Default: the usual ones. */
  declare languages: string | undefined;

  readonly #announcer = new Announcer(this);
  readonly #clock = new Clock(this);
  readonly #toaster = new Toaster(this);
  readonly #picker = new ZonePicker(() => this.requestUpdate());
  readonly #explainer = new Explainer(() => this.requestUpdate());
  #store: PreferencesStore | undefined;
  #editor: Editor | undefined;

  constructor() {
    super(preferencesTexts);
    new Watcher(this, () => this.#store?.refresh());
  }

  protected override serviceChanged(service: Service | undefined): void {
    this.#store?.close();
    this.#explainer.close();
    this.#store = undefined;
    this.#editor = undefined;
    if (service === undefined) return;
    const ask = createAsk(service);
    const store = new PreferencesStore(
      ask,
      () => this.requestUpdate(),
      (error, change) => this.#onFault(error, change),
    );
    this.#store = store;
    this.#editor = new Editor(ask, store, {
      allows: (detail) => this.#emit('tidings-preferences-change', detail, true),
      show: (toast) => this.#toaster.show(toast),
      saved: (undo) => this.#onSaved(undo),
      explain: (cell) => this.#explain(cell),
    });
    void store.read();
  }

  /** Reads everything again. */
  async refresh(): Promise<void> {
    await this.#store?.read();
  }

  #emit(name: string, detail: object, cancelable = false): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, cancelable, bubbles: true, composed: true }));
  }

  #onFault(error: InboxError, change: Change | undefined): void {
    this.#emit('tidings-error', { error });
    if (change === undefined) return;
    const text = this.localizer.text(faultText(error, isRefusal(error), change));
    this.#toaster.show({ text, isFault: true });
    this.#announcer.announce(text);
  }

  #onSaved(undo: (() => void) | undefined): void {
    const text = this.localizer.text('preferences.saved');
    this.#toaster.show({ text, isFault: false, undo });
    this.#announcer.announce(text);
    const cell = this.#explained();
    if (cell !== undefined && this.#editor) void this.#explainer.open(this.#editor.ask, cell);
  }

  #explained(): Cell | undefined {
    const { key } = this.#explainer;
    return key === undefined ? undefined : this.#store?.preferences?.cells.find((cell) => keyOf(cell) === key);
  }

  #explain(cell: Cell): void {
    if (this.#explainer.key === keyOf(cell)) this.#explainer.close();
    else if (this.#editor) void this.#explainer.open(this.#editor.ask, cell);
  }

  /** Closes the explanation; the focus returns to what opened it. */
  #closeExplanation(): void {
    this.renderRoot.querySelector<HTMLElement>('[aria-expanded="true"].why')?.focus();
    this.#explainer.close();
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || this.#explainer.key === undefined) return;
    event.stopPropagation();
    this.#closeExplanation();
  };

  protected override render(): TemplateResult {
    const { text, tag, dir } = this.localizer;
    const frame: Frame = { text, tag, now: this.#clock.now };
    return html`<section class="root" part="root" lang=${tag} dir=${dir} aria-label=${text('preferences.title')}
      @keydown=${this.#onKey}>
      <div class="title" part="header"><slot name="header"><h2 part="title">${text('preferences.title')}</h2></slot></div>
      ${this.#content(frame)}
      <footer part="footer"><slot name="footer"></slot></footer>
      ${toastNote(frame, this.#toaster.toast, this.#store?.isSaving ?? false)}
      ${this.#announcer.region()}
    </section>`;
  }

  #content(frame: Frame): TemplateResult {
    const store = this.#store;
    const retry = () => void store?.read();
    if (store === undefined || this.#editor === undefined)
      return troubleState(frame, 'refused', () => this.requestUpdate());
    const { status, preferences } = store;
    if (status === 'loading') return loadingState(frame);
    if (status !== 'ready' || preferences === undefined) {
      return troubleState(frame, status === 'ready' ? 'failed' : status, retry);
    }
    return html`${store.isStale ? staleNote(frame, retry) : nothing}
      ${this.#settings(frame, preferences, this.#editor)} ${this.#kinds(frame, preferences, this.#editor)}`;
  }

  #settings(frame: Frame, { profile, quiet, cells }: Preferences, editor: Editor): TemplateResult {
    const categories = new Map(cells.flatMap(({ category }) => (category ? [[category.key, category]] : [])));
    const view = {
      ...{ frame, profile, languages: this.languages, picker: this.#picker, root: this.renderRoot },
      onChange: (change: object) => editor.setProfile(change),
    };
    return html`<div class="panel settings" part="panel settings">
      ${quietSection({
        ...{ frame, quiet, categories: [...categories.values()] },
        onSwitch: (isOn) => editor.switchQuiet(isOn),
        onChange: (changed) => editor.setQuiet(changed),
      })}
      ${zoneSetting(view)} ${languageSetting(view)}
    </div>`;
  }

  #kinds(frame: Frame, { cells, profile }: Preferences, editor: Editor): TemplateResult {
    const { text, tag } = frame;
    const sheet = arrange(cells, new Intl.Collator(tag).compare);
    if (sheet.groups.length === 0) return emptyState(frame);
    const { email } = profile;
    const mailNote = email ? text('preferences.mailsTo', { email }) : text('preferences.noMailAddress');
    return html`<div class="kinds-head"><h3 id="kinds" part="subtitle">${text('preferences.kinds')}</h3>
        <p class="hint" id="kinds-hint" part="hint">${text('preferences.kindsHint')}
          ${sheet.channels.includes('smtp') ? mailNote : nothing}</p></div>
      <div class="panel" part="panel kinds">${kindsTable({
        ...{ frame, sheet, cells, actions: editor, explained: this.#explainer.key },
        explanation: () => this.#explanation(frame, editor),
      })}</div>`;
  }

  #explanation(frame: Frame, editor: Editor): TemplateResult {
    const cell = this.#explained();
    if (cell === undefined) return html``;
    return explanationPanel({
      ...{ frame, cell, answer: this.#explainer.answer },
      onClose: () => this.#closeExplanation(),
      onDefault: () => void editor.useDefault(cell),
    });
  }
}
