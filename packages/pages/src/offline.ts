import { root } from './addresses.ts';
import { brand, make, show } from './dom.ts';
import { say } from './words.ts';

const firstMs = 2_000;
const mostMs = 60_000;
let delayMs = firstMs;

/** Says that the service cannot be reached, and tries again: by itself, when the network returns, or on request. */
export function showOffline(retry: () => Promise<void>): void {
  const trying = new AbortController();
  const again = () => {
    if (trying.signal.aborted) return;
    trying.abort();
    clearTimeout(timer);
    void retry();
  };
  const timer = setTimeout(again, delayMs * (0.5 + Math.random()));
  delayMs = Math.min(2 * delayMs, mostMs);
  const button = make('button', { class: 'button', type: 'button' }, say('offline.again'));
  button.addEventListener('click', again, { signal: trying.signal });
  addEventListener('online', again, { signal: trying.signal });
  show(
    make(
      'main',
      { class: 'narrow' },
      brand(root.href),
      make(
        'div',
        { class: 'panel', role: 'status' },
        make('h1', {}, say('offline.heading')),
        make('p', {}, say('offline.text')),
        button,
      ),
    ),
  );
}
