// Changes at an even pace, whatever the answers take, from a process of its own.
import { clockOffset } from './clock.mjs';
import { createMutator } from './live-mutator.mjs';
import { performTasks } from './task-process.mjs';

/** Creates in even turns, and marks read in the odd ones while there is something to be read. */
async function write({ urls, rate, seconds, recipients, unread = [] }) {
  const mutator = createMutator(urls, 16);
  const begun = [];
  const offset = clockOffset();
  const start = performance.now();
  const count = rate * seconds;
  while (begun.length < count) {
    const due = Math.min(count, ((performance.now() - start) / 1000) * rate);
    while (begun.length < due) {
      const place = begun.length;
      const isRead = place % 2 === 1 && place < 2 * unread.length;
      begun.push(
        timed(offset, () =>
          isRead ? mutator.read(unread[(place - 1) / 2]) : mutator.create(recipients[(place * 7) % recipients.length]),
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const written = await Promise.all(begun);
  await mutator.close();
  return { written, seconds: (performance.now() - start) / 1000 };
}

/** The key, and by the time of day when it was asked for and answered. */
async function timed(offset, change) {
  const sentAt = performance.now() + offset;
  const key = await change();
  return [key, sentAt, performance.now() + offset];
}

performTasks(write);
