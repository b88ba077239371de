import type { ReactiveController } from 'lit';
import { onConfigured, type TokenSource } from './defaults.ts';
import { type Service, serviceOf } from './service.ts';
import type { LocalizedHost } from './strings.ts';

/** Attributes and properties that every element has. */
export const commonProperties = {
  url: {},
  token: {},
  theme: { reflect: true },
  locale: {},
  strings: { attribute: false },
} as const;

/**
 * An element with `commonProperties` and the design tokens.
 *
 * @cssproperty --tidings-accent - links, focus rings, switches and what is selected
 * @cssproperty --tidings-on-accent - text on the accent
 * @cssproperty --tidings-text - text
 * @cssproperty --tidings-soft-text - text of less importance
 * @cssproperty --tidings-line - borders and lines
 * @cssproperty --tidings-panel - the background
 * @cssproperty --tidings-hover - the background under the pointer
 * @cssproperty --tidings-selected - the background of what is selected
 * @cssproperty --tidings-danger - errors, and actions that cannot be undone
 * @cssproperty --tidings-badge - the background of numbers of new notifications
 * @cssproperty --tidings-on-badge - the text on it
 * @cssproperty --tidings-radius - the radius of corners
 * @cssproperty --tidings-shadow - the shadow of what floats
 * @cssproperty --tidings-font - the family of the font
 * @cssproperty --tidings-font-size - the size of text
 * @cssproperty --tidings-density - the unit of distances
 */
export interface ServiceHost extends LocalizedHost {
  /** URL of the GraphQL endpoint. Default: that of `configure`, then `/graphql/system` of the page's origin. */
  readonly url: string | undefined;
  /** The user's token; as a property also a function that returns it. Default: that of `configure`. */
  readonly token: TokenSource | undefined;
  /** `light`, `dark`, or `auto` (default): as the system. */
  readonly theme: 'light' | 'dark' | 'auto' | undefined;
}

/** Tells an element which service to use, and updates it after each `configure`. */
export class ServiceUse implements ReactiveController {
  #service: Service | undefined;
  #endConfiguration: (() => void) | undefined;
  readonly #host: ServiceHost;
  readonly #onChange: (service: Service | undefined) => void;

  /** @param onChange called when service or token is another one, and with undefined when there is none any more */
  constructor(host: ServiceHost, onChange: (service: Service | undefined) => void) {
    this.#host = host;
    this.#onChange = onChange;
    host.addController(this);
  }

  hostConnected(): void {
    const update = () => this.#host.requestUpdate();
    this.#endConfiguration = onConfigured(update);
    // An element that was moved in the document has lost its service.
    update();
  }

  /** The host calls this in its `willUpdate`. */
  update(): void {
    if (this.#host.isConnected) this.#use(serviceOf(this.#host));
  }

  hostDisconnected(): void {
    this.#endConfiguration?.();
    this.#use(undefined);
  }

  #use(service: Service | undefined): void {
    const former = this.#service;
    if (former?.url === service?.url && former?.token === service?.token) return;
    this.#service = service;
    this.#onChange(service);
  }
}
