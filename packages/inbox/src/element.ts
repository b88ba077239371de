import { type CSSResultGroup, LitElement, type PropertyDeclarations } from 'lit';
import type { TokenSource } from './defaults.ts';
import type { Text } from './format-text.ts';
import type { Service } from './service.ts';
import { commonProperties, type ServiceHost, ServiceUse } from './service-use.ts';
import { type Catalog, Localizer } from './strings.ts';
import { tokens } from './tokens.ts';

/** What inbox and preferences have in common: the service they use, their language, and their theme. */
export abstract class TidingsElement<Key extends string> extends LitElement implements ServiceHost {
  static override properties: PropertyDeclarations = commonProperties;
  static override styles: CSSResultGroup = tokens;

  declare url: string | undefined;
  declare token: TokenSource | undefined;
  declare theme: 'light' | 'dark' | 'auto' | undefined;
  declare locale: string | undefined;
  declare strings: Readonly<Record<string, Text>> | undefined;

  protected readonly localizer: Localizer<Key>;
  readonly #serviceUse: ServiceUse;

  constructor(catalog: Catalog<Key>) {
    super();
    this.localizer = new Localizer<Key>(this, catalog);
    this.#serviceUse = new ServiceUse(this, (service) => this.serviceChanged(service));
  }

  protected override willUpdate(): void {
    this.#serviceUse.update();
  }

  /** Called when the service or the token is another one, and with undefined when there is none to use any more. */
  protected abstract serviceChanged(service: Service | undefined): void;
}
