import type { TemplateTexts } from './model.ts';

/** The texts of the mail that resets a password, in one language. */
export interface PasswordResetTexts {
  /** BCP 47 tag. */
  readonly language: string;
  readonly template: TemplateTexts;
  readonly greeting: (name: string) => string;
  /** The label of the button that is the link. */
  readonly button: string;
}

const english = {
  title: 'Reset your password',
  body: `Somebody asked for a new password for your account **{{ user_email }}** at {{ app_name }}. Use the link below to choose one. It works once, and for one hour.

If it was not you, ignore this e-mail: your password stays as it is.`,
  greeting: 'Hi NAME,',
  button: 'Choose a new password',
} as const;

/** By the first part of a language tag. */
const texts: Readonly<Record<string, Readonly<Record<keyof typeof english, string>>>> = {
  en: english,
  de: {
    title: 'Passwort zurücksetzen',
    body: `Für Ihr Konto **{{ user_email }}** bei {{ app_name }} wurde ein neues Passwort angefordert. Über den Link unten wählen Sie eines. Er funktioniert einmal und eine Stunde lang.

Wenn Sie das nicht waren, ignorieren Sie diese E-Mail: Ihr Passwort bleibt unverändert.`,
    greeting: 'Hallo NAME,',
    button: 'Neues Passwort wählen',
  },
  es: {
    title: 'Restablecer la contraseña',
    body: `Se ha solicitado una nueva contraseña para su cuenta **{{ user_email }}** en {{ app_name }}. Use el enlace de abajo para elegirla. Funciona una sola vez y durante una hora.

Si no ha sido usted, ignore este correo: su contraseña no cambia.`,
    greeting: 'Hola, NAME:',
    button: 'Elegir una contraseña nueva',
  },
  fr: {
    title: 'Réinitialiser votre mot de passe',
    body: `Un nouveau mot de passe a été demandé pour votre compte **{{ user_email }}** sur {{ app_name }}. Utilisez le lien ci-dessous pour en choisir un. Il fonctionne une seule fois, pendant une heure.

Si vous n’êtes pas à l’origine de cette demande, ignorez cet e-mail : votre mot de passe reste inchangé.`,
    greeting: 'Bonjour NAME,',
    button: 'Choisir un nouveau mot de passe',
  },
  it: {
    title: 'Reimposta la password',
    body: `È stata richiesta una nuova password per il suo account **{{ user_email }}** su {{ app_name }}. Usi il link qui sotto per sceglierne una. Funziona una sola volta e per un’ora.

Se non è stato lei, ignori questa e-mail: la sua password resta invariata.`,
    greeting: 'Salve NAME,',
    button: 'Scegli una nuova password',
  },
  nl: {
    title: 'Wachtwoord opnieuw instellen',
    body: `Er is een nieuw wachtwoord aangevraagd voor uw account **{{ user_email }}** bij {{ app_name }}. Kies er een via de link hieronder. Die werkt één keer en een uur lang.

Was u dit niet, negeer dan deze e-mail: uw wachtwoord blijft ongewijzigd.`,
    greeting: 'Hallo NAME,',
    button: 'Nieuw wachtwoord kiezen',
  },
  pt: {
    title: 'Redefinir a palavra-passe',
    body: `Foi pedida uma nova palavra-passe para a sua conta **{{ user_email }}** em {{ app_name }}. Use a ligação abaixo para escolher uma. Funciona uma só vez e durante uma hora.

Se não foi você, ignore este e-mail: a sua palavra-passe não muda.`,
    greeting: 'Olá, NAME,',
    button: 'Escolher uma nova palavra-passe',
  },
};

/** The texts in the language of a BCP 47 tag, else in English. */
export function passwordResetTexts(tag: string | null): PasswordResetTexts {
  const [first = ''] = (tag ?? '').toLowerCase().split(/[-_]/);
  const language = Object.hasOwn(texts, first) ? first : 'en';
  const { title, body, greeting, button } = texts[language] ?? english;
  return {
    language,
    template: { id: `password-reset-${language}`, title_template: title, body_template: body },
    greeting: (name) => greeting.replace('NAME', () => name),
    button,
  };
}
