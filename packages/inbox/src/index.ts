export { type Configuration, configure, type TokenSource } from './defaults.ts';
export { type PreferencesChange, TidingsPreferences } from './preferences.ts';
