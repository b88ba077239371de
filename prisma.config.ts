import { defineConfig } from 'prisma-cli/config';

/** Where `prisma migrate deploy` and `prisma generate` look; the service itself never reads this file. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://127.0.0.1:5432/tidings' },
});
