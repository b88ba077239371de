import { resetPagePath } from '../../auth/password-reset/password-resets.ts';
import { passwordResetTexts } from '../../templates/password-reset-texts.ts';
import type { StoredReset } from '../payload.ts';
import { composeMail, type MailContent, type MailFrame } from './mail-content.ts';
import type { Message } from './method.ts';

/** Creates the token of the link by which a user resets the password. */
export type ResetToken = (userId: string, reset: StoredReset) => Promise<string>;

/** The link that resets a password. It is made when the mail is sent, so that the token is stored nowhere. */
export function resetLink({ reset_url }: StoredReset, token: string, { baseUrl }: Pick<MailFrame, 'baseUrl'>): string {
  const url = new URL(reset_url ?? baseUrl + resetPagePath);
  url.searchParams.set('token', token);
  return url.href;
}

/** Renders the mail that resets a password, in the language of its reader, who cannot unsubscribe from it. */
export function renderResetMail(
  { user, content }: Message,
  readerLanguage: string | null,
  url: string,
  frame: MailFrame,
): MailContent {
  const { language, greeting, button } = passwordResetTexts(readerLanguage);
  const parts = {
    language,
    greeting: user.user_name === '' ? undefined : greeting(user.user_name),
    buttons: [{ label: button, url }],
    pages: [],
    unsubscribeUrl: undefined,
  };
  return composeMail(content, parts, frame);
}
