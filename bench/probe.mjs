// Loaded before the program of a measured process: answers its parent what it has used so far.
process.on('message', (message) => {
  if (message !== 'usage') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ kind: 'usage', cpuMs: (user + system) / 1000, rss: process.memoryUsage.rss() });
});
// The channel must not keep the program alive, nor let it outlive the bench.
process.channel?.unref();
process.on('disconnect', () => process.exit(1));
