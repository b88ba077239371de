import { pathOf } from './addresses.ts';
import { make } from './dom.ts';
import type { User } from './session.ts';
import { chooseTheme, currentTheme, themes } from './theme.ts';
import { say } from './words.ts';

/** The button with the menu of the account: e-mail, pages, colours and sign-out. */
export function accountMenu(user: User, signOut: () => void): HTMLElement {
  const name = nameOf(user);
  const button = make(
    'button',
    {
      class: 'account',
      type: 'button',
      'aria-label': say('account.button', { name }),
      'aria-expanded': 'false',
      'aria-controls': 'account-menu',
    },
    make('span', { 'aria-hidden': 'true' }, [...name][0]?.toUpperCase() ?? ''),
  );
  const leave = make('button', { type: 'button' }, say('account.sign-out'));
  leave.addEventListener('click', signOut);
  const menu = make(
    'div',
    { class: 'menu', id: 'account-menu', hidden: true },
    make('p', { class: 'who' }, name, user.email && user.email !== name ? make('small', {}, user.email) : undefined),
    make('a', { href: pathOf({ name: 'inbox', item: undefined }) }, say('account.inbox')),
    make('a', { href: pathOf({ name: 'preferences' }) }, say('account.preferences')),
    themeChoice(),
    leave,
  );
  const area = make('div', { class: 'account-area' }, button, menu);

  const toggle = (isOpen: boolean) => {
    menu.hidden = !isOpen;
    button.ariaExpanded = String(isOpen);
  };
  button.addEventListener('click', () => toggle(menu.hasAttribute('hidden')));
  area.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || menu.hasAttribute('hidden')) return;
    toggle(false);
    button.focus();
  });
  menu.addEventListener('click', ({ target }) => target instanceof HTMLAnchorElement && toggle(false));
  // A click or the focus elsewhere closes it.
  document.addEventListener('click', ({ target }) => target instanceof Node && !area.contains(target) && toggle(false));
  area.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !area.contains(relatedTarget)) toggle(false);
  });
  return area;
}

function themeChoice(): HTMLElement {
  const choices = themes.map((theme) => {
    const input = make('input', { type: 'radio', name: 'theme', value: theme, checked: theme === currentTheme() });
    input.addEventListener('change', () => chooseTheme(theme));
    return make('label', {}, input, make('span', {}, say(`theme.${theme}`)));
  });
  return make('fieldset', { class: 'themes' }, make('legend', {}, say('theme.label')), ...choices);
}

function nameOf({ first_name, last_name, email, id }: User): string {
  return [first_name, last_name].filter(Boolean).join(' ') || email || id;
}
