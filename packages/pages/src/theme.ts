/** The colours that the reader has chosen; `auto`: those of the system. */
export const themes = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const key = 'tidings-theme';

export function currentTheme(): Theme {
  const stored = localStorage.getItem(key);
  return themes.find((theme) => theme === stored) ?? 'auto';
}

/** Shows the page in the colours that were chosen last, and in those that another tab chooses. */
export function startTheme(): void {
  apply();
  addEventListener('storage', (event) => event.key === key && apply());
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(key, theme);
  apply();
}

/** Gives an element the colours of the page, now and after each change. */
export function themed<Themed extends HTMLElement>(element: Themed): Themed {
  element.setAttribute('theme', currentTheme());
  return element;
}

function apply(): void {
  const theme = currentTheme();
  document.documentElement.dataset['theme'] = theme;
  for (const element of document.querySelectorAll('[theme]')) element.setAttribute('theme', theme);
}
