import type { Texts } from '../../format-text.ts';
import type { PreferencesKey } from './en.ts';

const de: Texts<PreferencesKey> = {
  'preferences.title': 'Benachrichtigungseinstellungen',
};
export default de;
