import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import type { UserKeyMethods } from '../user-keys/sql/methods.ts';
import type { PreferenceMethods } from './sql/methods.ts';

/** The context that functions of preferences need. */
export interface PreferenceContext extends Pick<Context, 'viewer'> {
  readonly prisma: ServicePrisma<UserKeyMethods & PreferenceMethods>;
}
