// Loaded before the program of a measured process. It reports the CPU time and memory to its parent on request.
process.on('message', (message) => {
  if (message !== 'usage' && message !== 'collect') return;
  // `gc` exists only with `--expose-gc`. It is called repeatedly, because one collection does not release everything.
  if (message === 'collect') for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({
    kind: 'usage',
    cpuMs: (user + system) / 1000,
    rss: process.memoryUsage.rss(),
    heap: process.memoryUsage().heapUsed,
  });
});
// The channel must not keep the process alive, and the process must not outlive the benchmark.
process.channel?.unref();
process.on('disconnect', () => process.exit(1));
