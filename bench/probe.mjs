// Loaded before the program of a measured process: answers its parent what it has used so far.
process.on('message', (message) => {
  if (message !== 'usage' && message !== 'collect') return;
  // Only there with `--expose-gc`; what the first one only marks as free goes with the second.
  if (message === 'collect') for (let time = 0; time < 3; time++) globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  process.send?.({
    kind: 'usage',
    cpuMs: (user + system) / 1000,
    rss: process.memoryUsage.rss(),
    heap: process.memoryUsage().heapUsed,
  });
});
// The channel must not keep the program alive, nor let it outlive the bench.
process.channel?.unref();
process.on('disconnect', () => process.exit(1));
