import { TidingsPreferences } from './preferences/element.ts';

export type { PreferencesChange } from './preferences/editor.ts';
export { TidingsPreferences };

if (!customElements.get('tidings-preferences')) customElements.define('tidings-preferences', TidingsPreferences);

declare global {
  interface HTMLElementTagNameMap {
    'tidings-preferences': TidingsPreferences;
  }
}
