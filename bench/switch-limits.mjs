// Loaded before the service (`--import`). It puts switches around limits of callers, refusals under overload and the search
// for idempotency keys, so that `npm run bench -- limits` can measure one process with and without them.
import { replaceModules, switches } from './replace-modules.mjs';

/** Replacements by file name in `dist/`. Exports that are not named here stay. */
export const replaced = {
  'limit-callers.js': `${switches}
    export const limitCallers = (app, limits) =>
      original.limitCallers(withSwitchedHooks(app, 'callers'), {
        allowanceOf: (viewer, address, onTaken) =>
          viewer.kind === 'user' && !isOn('user') ? undefined : limits.allowanceOf(viewer, address, onTaken),
      });`,
  'refuse-overload.js': `${switches}
    export const refuseOverload = (app, bounds, options) =>
      original.refuseOverload(withSwitchedHooks(app, 'overload'), bounds, options);`,
  'answer-once.js': `${switches}
    export const answerOnce = (services, request, reply, work) =>
      isOn('keys') ? original.answerOnce(services, request, reply, work) : work();`,
  'execute-once.js': `${switches}
    export const executeOnce = (services, request) => {
      if (isOn('keys')) return original.executeOnce(services, request);
      const { document, operationName, variables, context } = request;
      return services.operations.execute(document, operationName, variables, context);
    };`,
  'idempotent-requests.js': `${switches}
    const none = { keys: {}, onReplayed() {} };
    export const setKeyedRequest = (context, request) => {
      if (isOn('keys')) original.setKeyedRequest(context, request);
    };
    export const addKeyExtension = (context, extensions) => {
      if (isOn('keys')) original.addKeyExtension(context, extensions);
    };
    export const keyedRequestOf = (context) => (isOn('keys') ? original.keyedRequestOf(context) : none);`,
};

export const { load } = replaceModules(import.meta.url, replaced);
