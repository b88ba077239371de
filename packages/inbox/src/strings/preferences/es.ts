import type { Texts } from '../../format-text.ts';
import type { PreferencesKey } from './en.ts';

const es: Texts<PreferencesKey> = {
  'preferences.title': 'Ajustes de notificaciones',
};
export default es;
