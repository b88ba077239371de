// Migrates the database at the first argument with the folder at the second, in a process that tests kill.
import { pino } from 'pino';
import { migrate } from '../../src/database/migrate.ts';

const [url = '', folder = ''] = process.argv.slice(2);
await migrate(url, { log: pino({ level: 'silent' }), folder });
