import { accountMenu } from './account-menu.ts';
import { pathOf, type Route, root, routeOf } from './addresses.ts';
import { brand, make, show } from './dom.ts';
import { showOffline } from './offline.ts';
import { isRefusal } from './requests.ts';
import { type Session, SessionKeeper, type User } from './session.ts';
import { showSignIn } from './sign-in.ts';
import { startTheme } from './theme.ts';
import { setBadge, setTitle } from './unread.ts';
import { inboxView, preferencesView, type View } from './views.ts';
import { chooseLanguage, say, type WordKey } from './words.ts';

const session = new SessionKeeper((changed) => void showSession(changed));
let view: View | undefined;
let user: User | undefined;

/** Asks who is signed in, and shows the page; offline, tries again until it can be said. */
async function start(): Promise<void> {
  try {
    await session.check();
  } catch {
    showOffline(start);
  }
}

async function showSession(changed: Session): Promise<void> {
  user = changed.kind === 'signed-in' ? changed.user : undefined;
  view = undefined;
  await chooseLanguage(user?.language);
  if (changed.kind === 'signed-in') {
    showPage();
    return;
  }
  setBadge(0);
  showSignIn(session, takeReason() ?? (changed.reason && say(`reason.${changed.reason}`)));
}

/** Why a sign-in at the identity provider failed, which is a parameter of the address. It is removed from there. */
function takeReason(): string | undefined {
  const address = new URL(location.href);
  const code = address.searchParams.get('reason');
  if (code === null) return undefined;
  address.searchParams.delete('reason');
  history.replaceState(history.state, '', address);
  return oidcReasons.has(code) ? say(`reason.${code}` as WordKey) : say('fault.unexpected');
}
const oidcReasons: ReadonlySet<string> = new Set([
  'EMAIL_IN_USE',
  'INACTIVE_USER',
  'PROVIDER_REFUSED',
  'PROVIDER_UNAVAILABLE',
  'SIGN_IN_EXPIRED',
  'UNKNOWN_USER',
]);

/** Shows the page of the address; the inbox stays as it is when another of its notifications is opened. */
function showPage(): void {
  if (user === undefined) return;
  const route = routeOf(location);
  if (view?.name === route.name) {
    view.follow(route);
    return;
  }
  const callbacks = { token: session.token, onFault: (fault: unknown) => void checkAfter(fault), nameItem };
  view = route.name === 'preferences' ? preferencesView(callbacks) : inboxView(route, callbacks);
  const header = make(
    'header',
    { class: 'bar' },
    brand(pathOf({ name: 'inbox', item: undefined })),
    accountMenu(user, () => void session.signOut().catch(() => location.reload())),
  );
  const title = say(route.name === 'preferences' ? 'preferences.title' : 'inbox.title');
  setTitle(title);
  show(header, make('main', { class: route.name }, make('h1', { class: 'unseen' }, title), view.element));
}

/** A request of the component failed: perhaps the session has ended, or another tab has begun a new one. */
async function checkAfter(fault: unknown): Promise<void> {
  const refused = view;
  await session.check().catch(() => undefined);
  const isStale = isRefusal(fault) && view === refused && Date.now() - rebuiltAt > rebuildMs;
  if (user === undefined || !isStale) return;
  rebuiltAt = Date.now();
  view = undefined;
  showPage();
}
const rebuildMs = 60_000;
let rebuiltAt = 0;

/** Changes the address without loading it. */
function goTo(route: Route): void {
  if (pathOf(route) !== location.pathname) history.pushState(null, '', pathOf(route));
  showPage();
}

/**
 * Names the notification that is open in the address. One after another replaces the first, so that the back button
 * leads to the list at once; closing it is the same as that button.
 */
function nameItem(item: string | undefined): void {
  const before = routeOf(location);
  const path = pathOf({ name: 'inbox', item });
  if (before.name !== 'inbox' || path === location.pathname) return;
  if (item !== undefined && before.item === undefined) history.pushState(opened, '', path);
  else if (item === undefined && history.state === opened) history.back();
  else history.replaceState(history.state, '', path);
}
/** The state of an entry of the history that was made by opening a notification in the list. */
const opened = 'opened';

document.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (user === undefined || link === null || !isPlain || event.defaultPrevented) return;
  for (const name of ['inbox', 'preferences'] as const) {
    const route: Route = name === 'inbox' ? { name, item: undefined } : { name };
    if (link.origin !== location.origin || link.pathname !== pathOf(route)) continue;
    event.preventDefault();
    goTo(route);
  }
});
addEventListener('popstate', showPage);
// A token may be handed over to an open page.
addEventListener('hashchange', () => {
  session.takeToken();
  void session.checkAgain().catch(() => undefined);
});
// A page that comes back from the cache of the browser may be older than a sign-out.
addEventListener('pageshow', ({ persisted }) => persisted && void session.check().catch(() => undefined));

startTheme();
session.takeToken();
await chooseLanguage(undefined);
await start();
if ('serviceWorker' in navigator) {
  navigator.serviceWorker
    .register(new URL('service-worker.js', root), { updateViaCache: 'none' })
    .catch(() => undefined);
}
