import { type CSSResultGroup, LitElement, type PropertyDeclarations } from 'lit';
import { onConfigured, type TokenSource } from './defaults.ts';
import type { Text } from './format-text.ts';
import { type Service, serviceOf } from './service.ts';
import { type Catalog, Localizer } from './strings.ts';
import { tokens } from './tokens.ts';

/** What all elements have in common: the service they use, their language, and their theme. */
export abstract class TidingsElement<Key extends string> extends LitElement {
  static override properties: PropertyDeclarations = {
    url: {},
    token: {},
    theme: { reflect: true },
    locale: {},
    strings: { attribute: false },
  };
  static override styles: CSSResultGroup = tokens;

  /** URL of the GraphQL endpoint. Default: that of `configure`, then `/graphql/system` of the page's origin. */
  declare url: string | undefined;
  /** The user's token; as a property also a function that returns it. Default: that of `configure`. */
  declare token: TokenSource | undefined;
  /** `light`, `dark`, or `auto` (default): as the system. */
  declare theme: 'light' | 'dark' | 'auto' | undefined;
  /** A language tag. Default: that of `configure`, then the `lang` of the page, then that of the browser. */
  declare locale: string | undefined;
  /** Replaces single texts, by key. */
  declare strings: Readonly<Record<string, Text>> | undefined;

  protected readonly localizer: Localizer<Key>;
  #endConfiguration: (() => void) | undefined;
  #service: Service | undefined;

  constructor(catalog: Catalog<Key>) {
    super();
    this.localizer = new Localizer<Key>(this, catalog);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#endConfiguration = onConfigured(() => this.requestUpdate());
    // After it was moved in the document.
    if (this.hasUpdated) this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#endConfiguration?.();
    this.#useService(undefined);
  }

  protected override willUpdate(): void {
    if (this.isConnected) this.#useService(serviceOf(this));
  }

  #useService(service: Service | undefined): void {
    const former = this.#service;
    if (former?.url === service?.url && former?.token === service?.token) return;
    this.#service = service;
    this.serviceChanged(service);
  }

  /** Called when the service or the token is another one, and with undefined when there is none to use any more. */
  protected abstract serviceChanged(service: Service | undefined): void;
}
