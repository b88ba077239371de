import { TidingsInbox } from './inbox/element.ts';

export type { ActionDetail } from './inbox/actions.ts';
export { TidingsInbox };

if (!customElements.get('tidings-inbox')) customElements.define('tidings-inbox', TidingsInbox);

declare global {
  interface HTMLElementTagNameMap {
    'tidings-inbox': TidingsInbox;
  }
}
