import type { Command } from 'commander';
import { Failure } from '../failure.ts';
import { print, printJson, remark } from '../output.ts';

interface Options {
  readonly email?: string;
  readonly token?: boolean;
  readonly password?: boolean;
  readonly json?: boolean;
}

/** `tidings admin` */
export function addAdmin(program: Command): void {
  const admin = program.command('admin').description('regain access to an instance');
  admin
    .command('reset')
    .description('give an admin a new token, or password, without the old one; works on the database')
    .option('--email <email>', 'which admin; default: the oldest active one')
    .option('--token', 'a new token; this is the default')
    .option('--password', 'a new password')
    .option('--json', 'print JSON')
    .action(reset);
}

async function reset({ email, token, password = false, json }: Options): Promise<void> {
  const { openInstance } = await import('../instance.ts');
  const { openDatabase } = await import('../../database/client.ts');
  const { servicePrisma } = await import('../../prisma.ts');
  const { resetAdmin } = await import('../../users/reset-admin.ts');
  const instance = await openInstance();
  try {
    const db = await openDatabase({ url: instance.url, poolSize: 2 });
    try {
      const hasNewToken = token === true || !password;
      const admin = await resetAdmin(servicePrisma(db), { email, hasNewPassword: password, hasNewToken });
      if (admin === undefined) {
        throw new Failure(
          email === undefined ? 'There is no admin; the next start creates one.' : `There is no admin ${email}.`,
        );
      }
      if (json) printJson(admin);
      else {
        print(`e-mail    ${admin.email ?? '-'}`);
        if (admin.password !== undefined) print(`password  ${admin.password}`);
        if (admin.token !== undefined) print(`token     ${admin.token}`);
      }
      const { config } = instance;
      for (const [name, isSet] of [
        ['ADMIN_TOKEN', config.admin.token !== undefined && hasNewToken],
        ['ADMIN_PASSWORD', config.admin.password !== undefined && password],
      ] as const) {
        if (isSet)
          remark(`${name} is set in this environment: the next start restores its value. Change it or unset it.`);
      }
    } finally {
      await db.close();
    }
  } finally {
    await instance.close();
  }
}
