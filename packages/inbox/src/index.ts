export { type Configuration, configure, type TokenSource } from './defaults.ts';
