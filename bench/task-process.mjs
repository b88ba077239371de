// A measured process that serves nobody, and does what its parent asks for.

/**
 * Answers every message of the parent that is a task; a task that fails ends the process.
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
  // The channel to the parent keeps nothing alive.
  setInterval(() => undefined, 2 ** 30);
  // An address is how a measured process says that it is ready.
  process.stdout.write('http://127.0.0.1:0\n');
}
