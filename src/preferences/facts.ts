import { type StoredChoice, type TemplateChoice, type UserFacts, undecidedUser } from './decide.ts';
import type { QuietHours } from './quiet-hours.ts';

/** What users chose, by user id, as `factsSql` returns it. Users who chose nothing are left out. */
export type StoredFacts = Readonly<
  Record<
    string,
    {
      readonly templates?: Readonly<Record<string, TemplateChoice>>;
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
  const { is_suspended, email_notifications } = columns;
  const found = stored?.[user];
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
