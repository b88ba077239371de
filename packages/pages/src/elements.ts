import { root } from './addresses.ts';
import { make } from './dom.ts';
import { themed } from './theme.ts';

/** The properties of the components that the pages set. */
interface Component extends HTMLElement {
  url: string;
  /** An empty token: requests carry the cookie. */
  token: () => string;
}

/** Creates a component that reaches this service, and loads it. @param file the file of the component in /elements */
export function component(file: string, name: string, token: () => string): HTMLElement {
  const element = themed(document.createElement(name)) as Component;
  element.url = new URL('graphql/system', root).href;
  element.token = token;
  load(file, () => element.dispatchEvent(new CustomEvent('tidings-error')));
  return element;
}

/** Loads a module of the components once. @param onFailed called when it cannot be loaded; the next call tries again */
function load(file: string, onFailed: () => void): void {
  const src = new URL(`elements/${file}`, root).href;
  if (document.querySelector(`script[src="${src}"]`) !== null) return;
  const script = make('script', { type: 'module', src });
  script.addEventListener('error', () => {
    script.remove();
    onFailed();
  });
  document.head.append(script);
}
