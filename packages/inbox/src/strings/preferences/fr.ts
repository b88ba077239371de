import type { Texts } from '../../format-text.ts';
import type { PreferencesKey } from './en.ts';

const fr: Texts<PreferencesKey> = {
  'preferences.title': 'Paramètres de notification',
};
export default fr;
