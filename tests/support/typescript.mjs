// Lets plain Node run the TypeScript of this repository: `node --import ./tests/support/typescript.mjs file.ts`.
// Jest compiles for its tests only, not for its global set-up nor for processes that tests start.
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
