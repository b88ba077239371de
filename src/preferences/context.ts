import type { Context } from '../context.ts';
import type { ServicePrisma } from '../database/prisma.ts';
import type { UserMethods } from '../users/sql/methods.ts';
import type { PreferenceMethods } from './sql/methods.ts';

/** The context that functions of preferences need. */
export interface PreferenceContext extends Pick<Context, 'viewer'> {
  readonly prisma: ServicePrisma<UserMethods & PreferenceMethods>;
}
