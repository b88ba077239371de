import type { Texts } from '../../format-text.ts';
import type { PreferencesKey } from './en.ts';

const ar: Texts<PreferencesKey> = {
  'preferences.title': 'إعدادات الإشعارات',
};
export default ar;
