// A measured process without a server, which performs tasks for its parent.

/**
 * Performs each task that the parent sends, and returns its result. A failed task ends the process.
 * @param {(message: { do: string }) => Promise<object>} perform
 */
export function performTasks(perform) {
  process.on('message', async (message) => {
    if (message.do === undefined) return;
    try {
      process.send({ kind: 'answer', ...(await perform(message)) });
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
  });
  process.on('SIGTERM', () => process.exit(0));
  // The channel to the parent does not keep the process alive; this timer does.
  setInterval(() => undefined, 2 ** 30);
  // The parent waits for an address as the sign that the process is ready.
  process.stdout.write('http://127.0.0.1:0\n');
}
