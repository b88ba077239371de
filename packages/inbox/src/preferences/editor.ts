import type { Ask } from '@tidings/client/request';
import { choicesChange, profileChange, type QuietHoursInput, quietChange } from './changes.ts';
import type { Cell, Channel, Choice, Profile } from './data.ts';
import { type Plan, type Planner, planCell, planChannel, planDefault, planGroup, planMails } from './plan.ts';
import { usualQuiet } from './quiet.ts';
import { type Group, keyOf } from './sheet.ts';
import type { Toast } from './states.ts';
import type { Change, PreferencesStore } from './store.ts';
import type { TableActions } from './table.ts';

/** The detail of `tidings-preferences-change`. */
export type PreferencesChange =
  | { readonly kind: 'choices'; readonly choices: readonly Choice[]; readonly emailNotifications: boolean | undefined }
  | { readonly kind: 'profile'; readonly profile: Partial<Profile> }
  | { readonly kind: 'quiet_hours'; readonly quietHours: QuietHoursInput | null };

interface EditorHost {
  /** Asks the page whether the change may be made. */
  allows(change: PreferencesChange): boolean;
  show(toast: Toast | undefined): void;
  /** Says that a change was saved. @param undo takes it back */
  saved(undo: (() => void) | undefined): void;
  explain(cell: Cell): void;
}

/** Makes the changes of the controls. */
export class Editor implements TableActions {
  readonly ask: Ask;
  readonly #store: PreferencesStore;
  readonly #host: EditorHost;
  /** The quiet hours before they were switched off, so that switching them on brings them back. */
  #formerQuiet: QuietHoursInput | undefined;

  constructor(ask: Ask, store: PreferencesStore, host: EditorHost) {
    this.ask = ask;
    this.#store = store;
    this.#host = host;
  }

  switchCell(cell: Cell, isOn: boolean): void {
    void this.#choose(planCell(keyOf(cell), isOn), false);
  }

  switchGroup({ key }: Group, channel: Channel, isOn: boolean): void {
    void this.#choose(planGroup(key, channel, isOn), true);
  }

  switchChannel(channel: Channel, isOn: boolean): void {
    void this.#choose(planChannel(channel, isOn), true);
  }

  switchMails(isOn: boolean): void {
    void this.#choose(planMails(isOn), false);
  }

  useDefault(cell: Cell): Promise<boolean> {
    return this.#choose(planDefault(keyOf(cell)), false);
  }

  explain(cell: Cell): void {
    this.#host.explain(cell);
  }

  async #choose(planner: Planner, isUndoable: boolean): Promise<boolean> {
    const { choices, emailNotifications } = planner(this.#store.preferences?.cells ?? []);
    const change = choicesChange(this.ask, planner);
    const undo = () => {
      const inverse = change.inverse();
      if (inverse !== undefined) void this.#takeBack(inverse);
    };
    const isAllowed = this.#host.allows({ kind: 'choices', choices, emailNotifications });
    return this.#save(change, isAllowed, isUndoable ? undo : undefined);
  }

  #takeBack(plan: Plan): Promise<boolean> {
    const { choices, emailNotifications } = plan;
    const isAllowed = this.#host.allows({ kind: 'choices', choices, emailNotifications });
    return this.#save(
      choicesChange(this.ask, () => plan),
      isAllowed,
    );
  }

  setProfile(profile: Partial<Profile>): void {
    void this.#save(profileChange(this.ask, profile), this.#host.allows({ kind: 'profile', profile }));
  }

  setQuiet(quietHours: QuietHoursInput | null): void {
    void this.#save(quietChange(this.ask, quietHours), this.#host.allows({ kind: 'quiet_hours', quietHours }));
  }

  switchQuiet(isOn: boolean): void {
    const { quiet } = this.#store.preferences ?? {};
    if (!isOn && quiet) this.#formerQuiet = { windows: quiet.windows, breakthrough: quiet.breakthrough };
    this.setQuiet(isOn ? (this.#formerQuiet ?? usualQuiet) : null);
  }

  async #save(change: Change, isAllowed: boolean, undo?: () => void): Promise<boolean> {
    // The control shows again what is stored.
    this.#host.show(undefined);
    if (!isAllowed) return false;
    const isSaved = await this.#store.change(change);
    if (isSaved && !this.#store.isSaving) this.#host.saved(undo);
    return isSaved;
  }
}
