import { TidingsBell } from './bell/tidings-bell.ts';

export { TidingsBell };

if (!customElements.get('tidings-bell')) customElements.define('tidings-bell', TidingsBell);

declare global {
  interface HTMLElementTagNameMap {
    'tidings-bell': TidingsBell;
  }
}
