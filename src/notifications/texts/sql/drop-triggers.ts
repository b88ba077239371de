import { triggers } from './triggers.ts';

/** Drops the triggers that queue changes, one statement each. Composed, because names cannot be parameters. */
export const dropTriggers = triggers.map(([name]) => `drop trigger if exists ${name} on notifications`);
