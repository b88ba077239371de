import { root } from './addresses.ts';
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
  // A failed load is a request to the service that failed; the next one says so.
  import(new URL(`elements/${file}`, root).href).catch((cause: unknown) =>
    element.dispatchEvent(new CustomEvent('tidings-error', { detail: { error: cause } })),
  );
  return element;
}
