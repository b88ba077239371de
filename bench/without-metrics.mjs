// Loaded before the service (`--import`). It replaces the metrics of requests and operations by functions that do
// nothing, so that `npm run bench -- telemetry` can measure what they cost. The service itself has no switch for that.
import { replaceModules } from './replace-modules.mjs';

/** Replacements by file name in `dist/`. Exports that are not named here stay. */
export const replaced = {
  'request-metrics.js':
    'export const measureRequests = () => undefined; export const measureFollowers = () => undefined;',
  'operation-metrics.js': 'export const createOperationMetrics = () => undefined;',
};

export const { load } = replaceModules(import.meta.url, replaced);
