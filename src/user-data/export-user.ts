import { recordAudit } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import { untraced } from '../database/trace-prisma.ts';
import { forbidden, serviceUnavailable } from '../errors.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import { streamWork } from '../work-stream.ts';
import { subjectOf } from './access.ts';
import type { UserDataMethods } from './sql/methods.ts';
import { type Section, sections } from './sql/sections.ts';

/**
 * One line of an export. The first has the type `export`, the last the type `end`: without it, the export is
 * incomplete.
 */
export interface ExportLine {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface ExportContext extends Pick<Context, 'viewer' | 'now'> {
  readonly prisma: ServicePrisma<UserDataMethods & UserKeyMethods>;
}

/** The version of the format; a new type of line or a new field does not change it. */
const formatVersion = 1;
/** Maximum number of exports at a time on one node, because each holds a connection of the pool. */
const maxRunning = 3;
/** Milliseconds after which a reader that takes nothing ends the export. */
const stalledMs = 60_000;
/** Maximum milliseconds of an export: for so long, PostgreSQL keeps the old versions of all rows. */
const maxMs = 60 * 60 * 1000;
/** Rows of the first page of a section; the size of later pages follows from the length of the rows before. */
const firstRows = 10;
const maxRows = 1000;
/** Intended length of a page, in characters. */
const pageCharacters = 256 * 1024;

/** The viewers with a running export. Keyed by the client: services in one process do not share it. */
const running = new WeakMap<object, Set<string>>();

/**
 * Exports everything stored about a user (`me`, or any key), as of one moment and at the reader's pace; secrets are
 * left out. The memory that it takes does not depend on the number of rows. Recorded in the audit log when it begins.
 * @throws ServiceError FORBIDDEN if the viewer may not export that user's data, or there is no such user. The stream
 * throws SERVICE_UNAVAILABLE before the first line if the viewer has an export running, or the node too many; later, if
 * the reader takes nothing for a minute, or the export an hour.
 */
export async function exportUser(context: ExportContext, key: string): Promise<AsyncGenerator<ExportLine>> {
  const { prisma } = context;
  const { id, viewer } = await subjectOf(prisma, context.viewer, key, 'export');
  if ((await prisma.user.count({ where: { id } })) === 0) throw forbidden();
  return linesOf(context, id, viewer.id);
}

async function* linesOf({ prisma, now }: ExportContext, id: string, actor: string): AsyncGenerator<ExportLine> {
  const release = take(prisma, actor);
  try {
    const exported_at = now();
    await recordAudit(prisma, { actor, action: 'export_user', user_id: id }, exported_at);
    yield { type: 'export', data: { version: formatVersion, user_id: id, exported_at: exported_at.toISOString() } };
    let lines = 1;
    for await (const page of readSnapshot(prisma, id)) {
      lines += page.length;
      yield* page;
    }
    yield { type: 'end', data: { lines: lines + 1 } };
  } finally {
    release();
  }
}

/** Reads all sections in one snapshot, in pages. */
function readSnapshot(prisma: ServicePrisma<UserDataMethods>, id: string): AsyncGenerator<readonly ExportLine[]> {
  const endsAt = performance.now() + maxMs;
  return streamWork<readonly ExportLine[]>(
    (emit) =>
      prisma.$statements(async ({ user }) => {
        await user.beginSnapshot();
        await user.planWholeResults();
        for (const section of sections) {
          await user.openSection(section, id);
          await readSection(user, section, (page) => {
            if (performance.now() > endsAt) throw serviceUnavailable('export', 'it took longer than an hour');
            return emit(page);
          });
        }
      }),
    { stalledMs, stalled: () => serviceUnavailable('export', 'its reader took nothing for a minute') },
  );
}

async function readSection(
  user: Pick<UserDataMethods['user'], 'fetchSection'>,
  section: Section,
  emit: (page: readonly ExportLine[]) => Promise<void>,
): Promise<void> {
  for (let size = firstRows; ; ) {
    const rows = await user.fetchSection(section, size);
    if (rows.length > 0) await emit(rows.map((data) => ({ type: section.type, data })));
    if (rows.length < size) return;
    const characters = rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0);
    size = Math.max(1, Math.min(maxRows, Math.floor((pageCharacters * rows.length) / characters)));
  }
}

/** Takes a place for an export of this viewer; returns the function that gives it back. */
function take(prisma: object, actor: string): () => void {
  const client = untraced(prisma);
  const actors = running.get(client) ?? new Set();
  running.set(client, actors);
  if (actors.has(actor)) throw serviceUnavailable('export', 'you have one running; try again when it has ended');
  if (actors.size >= maxRunning) throw serviceUnavailable('export', 'too many are running; try again in a moment');
  actors.add(actor);
  return () => void actors.delete(actor);
}
