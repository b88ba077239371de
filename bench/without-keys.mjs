// Loaded before the service (`--import`). It replaces what looks for idempotency keys by functions that find none, so that
// `npm run bench -- limits` can measure what they cost a request without a key. The service itself has no switch for that.
import { replaceModules } from './replace-modules.mjs';

/** Replacements by file name in `dist/`. Exports that are not named here stay. */
export const replaced = {
  'answer-once.js': 'export const answerOnce = (_services, _request, _reply, work) => work();',
  'execute-once.js': `export const executeOnce = ({ operations }, { document, operationName, variables, context }) =>
    operations.execute(document, operationName, variables, context);`,
  'idempotent-requests.js': `const none = { keys: {}, onReplayed() {} };
    export const setKeyedRequest = () => undefined;
    export const addKeyExtension = () => undefined;
    export const keyedRequestOf = () => none;
    export const useKeyExtension = () => ({});`,
};

export const { load } = replaceModules(import.meta.url, replaced);
