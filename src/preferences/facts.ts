import { type StoredChoice, type TemplateChoice, type UserFacts, undecidedUser } from './decide.ts';
import type { QuietHours } from './quiet-hours.ts';

/** What users chose, by user id, as `factsSql` returns it. Users who chose nothing are left out. */
export type StoredFacts = Readonly<
  Record<
    string,
    {
      readonly templates?: Readonly<Record<string, TemplateChoice>>;
      /** Set if the user is suspended, unless the rows of the users are read anyway. */
      readonly suspended?: true;
      readonly choices?: readonly StoredChoice[];
      readonly quiet?: QuietHours & { readonly timezone: string | null };
    }
  >
>;

/** The columns of a user that the decision needs. */
export type UserColumns = Pick<UserFacts, 'is_suspended' | 'email_notifications'>;

/**
 * The facts of a user for one template.
 * @param columns default: those of an active user who wants e-mails
 */
export function factsOf(
  stored: StoredFacts | null,
  user: string,
  template: string | null,
  columns: UserColumns = undecidedUser,
): UserFacts {
  const { email_notifications } = columns;
  const found = stored?.[user];
  const is_suspended = columns.is_suspended || found?.suspended === true;
  if (found === undefined && !is_suspended && email_notifications) return undecidedUser;
  return {
    is_suspended,
    email_notifications,
    timezone: found?.quiet?.timezone ?? null,
    template_choice: (template === null ? undefined : found?.templates?.[template]) ?? null,
    choices: found?.choices ?? [],
    quiet_hours: found?.quiet ?? null,
  };
}
