import type { Texts } from '../../format-text.ts';
import type { PreferencesKey } from './en.ts';

const zh: Texts<PreferencesKey> = {
  'preferences.title': '通知设置',
};
export default zh;
