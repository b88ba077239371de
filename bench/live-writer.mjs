// Writes changes at a constant rate, however long the answers take, from a separate process.
import { clockOffset } from './clock.mjs';
import { createMutator } from './live-mutator.mjs';
import { performTasks } from './task-process.mjs';

/** Alternates between creating a notification and marking one read, as long as there are unread ones. */
async function write({ urls, rate, seconds, recipients, unread = [] }) {
  const mutator = createMutator(urls, 16);
  const begun = [];
  const offset = clockOffset();
  const start = performance.now();
  const count = rate * seconds;
  while (begun.length < count) {
    const due = Math.min(count, ((performance.now() - start) / 1000) * rate);
    while (begun.length < due) {
      const index = begun.length;
      const isRead = index % 2 === 1 && index < 2 * unread.length;
      begun.push(
        timed(offset, () =>
          isRead ? mutator.read(unread[(index - 1) / 2]) : mutator.create(recipients[(index * 7) % recipients.length]),
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const written = await Promise.all(begun);
  await mutator.close();
  return { written, seconds: (performance.now() - start) / 1000 };
}

/** Returns the key, and the times of day of the request and of the answer. */
async function timed(offset, change) {
  const sentAt = performance.now() + offset;
  const key = await change();
  return [key, sentAt, performance.now() + offset];
}

performTasks(write);
