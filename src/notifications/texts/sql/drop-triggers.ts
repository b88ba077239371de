import { triggers } from './triggers.ts';

/**
 * Drops the triggers that queue changes, with one statement for each. The SQL is composed, because names cannot be
 * parameters.
 */
export const dropTriggers = triggers.map(([name]) => `drop trigger if exists ${name} on notifications`);
