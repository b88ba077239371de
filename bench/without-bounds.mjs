// Loaded before the service (`--import`). It replaces prices and bounds by functions that do nothing, so that
// `npm run bench -- bounds` can measure their cost. The service itself has no switch for that.
import { replaceModules } from './replace-modules.mjs';

/** Replacements by file name in `dist/`. Exports that are not named here stay. */
export const replaced = {
  'price.js': 'export const createPricer = () => ({ refusal: () => undefined });',
  'limit-unsent-responses.js': "export const limitUnsentResponses = (app) => app.decorateRequest('isWrite', false);",
  'token-guard.js': 'export const guardTokens = (authenticate) => authenticate;',
  'fair-share.js': `const running = { begin() {}, isCancelled: false };
    export const createFairShare = () => ({ run: (_owner, work) => work(running) });`,
  'bounded-query.js': `import pg from 'pg';
    export class BoundedQuery extends pg.Query {
      isTooLarge = false;
      constructor(config, _most, onEnd) { super(config, undefined, onEnd); }
    }`,
  'prepared.js': 'export const notePrepared = () => undefined;',
  'run-state.js': 'export const isTooLarge = () => false; export const sizeOf = () => 0;',
};

export const { load } = replaceModules(import.meta.url, replaced);
