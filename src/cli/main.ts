#!/usr/bin/env node
import { run } from './program.ts';

// Commands that only look something up may leave connections that would keep the process alive.
process.exit(await run(process.argv));
