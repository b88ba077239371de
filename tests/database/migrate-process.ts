// Migrates a database in a process that tests kill. Arguments: the URL of the database, the folder of the migrations.
import { pino } from 'pino';
import { migrate } from '../../src/database/migrate.ts';

const [url = '', folder = ''] = process.argv.slice(2);
await migrate(url, { log: pino({ level: 'silent' }), folder });
