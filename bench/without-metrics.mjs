// Loaded before the service (`--import`): puts what does nothing in the place of the metrics of requests and operations,
// so that `npm run bench -- telemetry` can measure what they cost. The service itself has no switch for that.
import { replaceModules } from './replace-modules.mjs';

/** By the name of a file of `dist/`: what its exports are replaced by; the others stay. */
export const replaced = {
  'request-metrics.js':
    'export const measureRequests = () => undefined; export const measureFollowers = () => undefined;',
  'operation-metrics.js': 'export const createOperationMetrics = () => undefined;',
};

export const { load } = replaceModules(import.meta.url, replaced);
