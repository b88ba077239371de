import { serve } from './serve.ts';

// Timers or connections left by a failed start must not keep the process alive.
process.exit(await serve());
