import { root } from './addresses.ts';
import { brand, make, pageSettings, show } from './dom.ts';
import { post, RequestError } from './requests.ts';
import type { SessionKeeper } from './session.ts';
import { setTitle } from './unread.ts';
import { inWords, say, type WordKey } from './words.ts';

/** Shows the form to sign in. The address stays, so the page that was asked for follows. @param notice why it is shown */
export function showSignIn(session: SessionKeeper, notice?: string): void {
  const { name, hasProvider, sendsMail } = pageSettings();
  setTitle(say('sign-in.button'));
  const email = field('email', { type: 'email', autocomplete: 'username', label: say('sign-in.email') });
  const password = field('password', {
    type: 'password',
    autocomplete: 'current-password',
    label: say('sign-in.password'),
  });
  const form = formWith({
    heading: say('sign-in.heading', { name }),
    text: say('sign-in.text'),
    notice,
    fields: [email, password],
    button: say('sign-in.button'),
    busy: say('sign-in.busy'),
    send: () => session.signIn(email.input.value.trim(), password.input.value),
    failed: () => password.input.select(),
  });
  const forgot = link(say('sign-in.forgot'), () => showForgotten(session, email.input.value));
  showPanel(form, ...(sendsMail ? [forgot] : []), ...(hasProvider ? providerLink() : []));
  email.input.focus();
}

/** Leads to the identity provider, which sends the browser back to this address. */
function providerLink(): readonly HTMLElement[] {
  const address = new URL('auth/login/oidc', root);
  address.searchParams.set('redirect', location.pathname);
  return [
    make('p', { class: 'or' }, say('sign-in.or')),
    make('a', { class: 'button plain', href: address.href }, say('sign-in.provider')),
  ];
}

function showForgotten(session: SessionKeeper, given: string): void {
  const email = field('email', { type: 'email', autocomplete: 'username', label: say('sign-in.email') });
  email.input.value = given;
  const form = formWith({
    heading: say('forgot.heading'),
    text: say('forgot.text'),
    notice: undefined,
    fields: [email],
    button: say('forgot.button'),
    busy: say('forgot.button'),
    async send() {
      await post('auth/password/request', { email: email.input.value.trim() });
      form.replaceChildren(
        make('h1', { tabindex: '-1' }, say('forgot.heading')),
        make('p', { role: 'status' }, say('forgot.done')),
      );
      form.querySelector('h1')?.focus();
    },
    failed: () => email.input.select(),
  });
  showPanel(
    form,
    link(say('forgot.back'), () => showSignIn(session)),
  );
  email.input.focus();
}

interface Field {
  readonly row: HTMLElement;
  readonly input: HTMLInputElement;
}

function field(name: string, { label, ...attributes }: { type: string; autocomplete: string; label: string }): Field {
  const input = make('input', { ...attributes, id: name, name, required: true, 'aria-describedby': 'fault' });
  return { row: make('div', { class: 'field' }, make('label', { for: name }, label), input), input };
}

interface FormParts {
  readonly heading: string;
  readonly text: string;
  readonly notice: string | undefined;
  readonly fields: readonly Field[];
  readonly button: string;
  /** The button while the request is on its way. */
  readonly busy: string;
  readonly send: () => Promise<void>;
  readonly failed: () => void;
}

function formWith({ heading, text, notice, fields, button: label, busy, send, failed }: FormParts): HTMLFormElement {
  const button = make('button', { class: 'button', type: 'submit' }, label);
  const fault = make('p', { id: 'fault', class: 'fault', role: 'alert' });
  const form = make(
    'form',
    {},
    make('h1', {}, heading),
    make('p', { class: 'about' }, text),
    notice === undefined ? undefined : make('p', { class: 'notice', role: 'status' }, notice),
    ...fields.map(({ row }) => row),
    fault,
    button,
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (button.ariaDisabled === 'true') return;
    button.ariaDisabled = 'true';
    button.textContent = busy;
    fault.textContent = '';
    send()
      .catch((error: unknown) => {
        fault.textContent = faultText(error);
        const isWrong = error instanceof RequestError && error.code === 'INVALID_CREDENTIALS';
        for (const { input } of fields) input.ariaInvalid = String(isWrong);
        failed();
      })
      .finally(() => {
        button.ariaDisabled = 'false';
        button.textContent = label;
      });
  });
  return form;
}

function faultText(error: unknown): string {
  const { code, retryAfter } = error instanceof RequestError ? error : { code: 'UNEXPECTED', retryAfter: undefined };
  if (code === 'REQUESTS_EXCEEDED') return say('fault.wait', { time: inWords(retryAfter ?? 60) });
  const keys: Readonly<Record<string, WordKey>> = {
    INVALID_CREDENTIALS: 'fault.wrong',
    NETWORK: 'fault.unreachable',
    SERVICE_UNAVAILABLE: 'fault.unreachable',
  };
  return say(keys[code] ?? 'fault.unexpected');
}

function link(text: string, followed: () => void): HTMLButtonElement {
  const button = make('button', { class: 'link', type: 'button' }, text);
  button.addEventListener('click', followed);
  return button;
}

function showPanel(...content: readonly HTMLElement[]): void {
  show(make('main', { class: 'narrow' }, brand(root.href), make('div', { class: 'panel' }, ...content)));
}
