import type { Command } from 'commander';

/** `tidings serve` */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the service until it is stopped by a signal')
    .action(async () => {
      const { serve } = await import('../../serve.ts');
      process.exitCode = await serve();
    });
}
