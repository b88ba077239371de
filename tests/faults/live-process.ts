// The service as it is started, in a process of its own: tests kill it. Stops in order when its input ends.
process.stdin.resume();
process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
await import('../../src/main.ts');
