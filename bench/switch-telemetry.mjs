// Loaded before the service (`--import`). It puts switches around metrics and spans, so that `npm run bench -- telemetry`
// can measure one process with and without them.
import { replaceModules, switches } from './replace-modules.mjs';

/** Replacements by file name in `dist/`. Exports that are not named here stay. */
export const replaced = {
  'request-metrics.js': `${switches}
    export const measureRequests = (app, registry) =>
      original.measureRequests(withSwitchedHooks(app, 'metrics'), registry);`,
  'operation-metrics.js': `${switches}
    export const createOperationMetrics = (registry) => {
      const record = original.createOperationMetrics(registry);
      return (plan, result, startedAt) => {
        if (isOn('metrics')) record(plan, result, startedAt);
      };
    };`,
  'trace-requests.js': `${switches}
    export const traceRequests = (app, tracer) =>
      original.traceRequests(withSwitchedHooks(app, 'spans'), tracer);`,
  'trace-operation.js': `${switches}
    export const traceOperation = (operation, context, tracer) =>
      isOn('spans') ? original.traceOperation(operation, context, tracer) : undefined;`,
};

export const { load } = replaceModules(import.meta.url, replaced);
