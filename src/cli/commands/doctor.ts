import type { Command } from 'commander';
import { print, printJson } from '../output.ts';

/** `tidings doctor` */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check the instance of this environment; exit with 1 if a check fails')
    .option('--json', 'print JSON')
    .action(async ({ json }: { readonly json?: boolean }) => {
      const { examine } = await import('../checks/examine.ts');
      const findings: unknown[] = [];
      let isOk = true;
      for await (const finding of examine()) {
        const { result, check, text, cure } = finding;
        isOk &&= result !== 'fail';
        findings.push(finding);
        if (!json) print(`${result.padEnd(4)}  ${check.padEnd(10)}  ${text}${cure === undefined ? '' : ` ${cure}`}`);
      }
      if (json) printJson(findings);
      if (!isOk) process.exitCode = 1;
    });
}
