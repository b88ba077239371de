type Child = Node | string | undefined;

/** Creates an element. @param attributes true: without a value; false and undefined: left out */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | boolean | undefined>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, '');
    else if (typeof value === 'string') element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** Shows this element as the whole page. */
export function show(...elements: readonly Node[]): void {
  root().replaceChildren(...elements);
}

/** What the service wrote into the page: the settings that the page depends on. */
export function pageSettings(): { readonly name: string; readonly hasProvider: boolean; readonly sendsMail: boolean } {
  const { name = 'Tidings', oidc, mail } = root().dataset;
  return { name, hasProvider: oidc !== undefined, sendsMail: mail !== undefined };
}

function root(): HTMLElement {
  const found = document.querySelector<HTMLElement>('#app');
  if (found === null) throw new Error('The page has no element #app.');
  return found;
}

/** The logo of the page, a copy of the one in the shell. */
export function brand(href: string): HTMLAnchorElement {
  const mark = document.querySelector('template')?.content.cloneNode(true);
  return make('a', { class: 'brand', href }, mark, make('span', {}, pageSettings().name));
}
