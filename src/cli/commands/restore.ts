import { resolve } from 'node:path';
import type { Command } from 'commander';
import { contentsOf } from '../contents.ts';
import { counted, printJson, remark } from '../output.ts';

interface Options {
  readonly wipe?: boolean;
  readonly json?: boolean;
}

/** `tidings restore` */
export function addRestore(program: Command): void {
  program
    .command('restore')
    .description('restore a backup into an empty database; no service may be running on it')
    .argument('<file>', 'a file that `tidings backup` made')
    .option('--wipe', 'delete the contents of the database first, in the same transaction')
    .option('--json', 'print JSON')
    .action(restoreFile);
}

async function restoreFile(name: string, { wipe = false, json = false }: Options): Promise<void> {
  const { openInstance } = await import('../instance.ts');
  const { openBackup } = await import('../../database/backup/read-file.ts');
  const { restore } = await import('../../database/backup/restore.ts');
  const { derivedTexts } = await import('../../notifications/texts/derived.ts');
  const { showProgress } = await import('../progress.ts');
  const started = performance.now();
  const backup = await openBackup(resolve(name));
  const instance = await openInstance({ isAlone: true, mayCreate: true });
  const progress = showProgress('loaded', !json);
  try {
    const { rows, migrated } = await restore({
      url: instance.url,
      backup,
      mayWipe: wipe,
      derived: derivedTexts,
      log: { info: () => undefined },
      onProgress: progress.show,
    });
    progress.clear();
    const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
    const { created_at, version } = backup.header;
    if (json) return printJson({ file: backup.file, created_at, version, seconds, rows, migrated });
    const { queued_deliveries: queued = 0 } = rows;
    remark(`Restored the backup of ${created_at}: ${contentsOf(rows)} in ${seconds} s.`);
    if (migrated.length > 0) remark(`Applied ${counted(migrated.length, 'migration')} newer than the backup.`);
    if (queued > 0) {
      remark(
        `Deliveries that were waiting when the backup was made: ${queued}; the service sends them when it starts.`,
      );
    }
  } finally {
    progress.clear();
    await instance.close();
  }
}
