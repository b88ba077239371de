export { TidingsBell } from './bell.ts';
export { type Configuration, configure, type TokenSource } from './defaults.ts';
export type { TidingsEvents } from './events.ts';
export { type ActionDetail, TidingsInbox } from './inbox.ts';
export { type PreferencesChange, TidingsPreferences } from './preferences.ts';
