import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readVersion } from '../../version.ts';
import { contentsOf } from '../contents.ts';
import { print, printJson, remark, sizeText } from '../output.ts';

interface Options {
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `tidings backup` */
export function addBackup(program: Command): void {
  program
    .command('backup')
    .description('copy the whole database into a file, as of one moment; the service may be running')
    .argument('<file>', 'the file; it holds password hashes and texts, so it is readable by its owner only')
    .option('--force', 'replace an existing file')
    .option('--json', 'print JSON')
    .action(backup);
}

async function backup(name: string, { force = false, json = false }: Options): Promise<void> {
  const { openInstance } = await import('../instance.ts');
  const { backUp } = await import('../../database/backup/backup.ts');
  const { derivedTexts } = await import('../../notifications/texts/derived.ts');
  const { showProgress } = await import('../progress.ts');
  const file = resolve(name);
  const started = performance.now();
  const instance = await openInstance();
  const progress = showProgress('copied', !json);
  try {
    const { bytes, rows, database_id } = await backUp({
      url: instance.url,
      file,
      mayReplace: force,
      version: readVersion(),
      derived: derivedTexts,
      onProgress: progress.show,
    });
    progress.clear();
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    if (json) return printJson({ file, bytes, seconds, database_id, rows });
    print(file);
    remark(`Backed up ${contentsOf(rows)}: ${sizeText(bytes)} in ${seconds} s.`);
  } finally {
    progress.clear();
    await instance.close();
  }
}
