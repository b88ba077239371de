// The service as `npm start` runs it, in a process that tests kill. It stops normally when its input ends.
process.stdin.resume();
process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
await import('../../src/main.ts');
