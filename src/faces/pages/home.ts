import type { Page } from '../shared/html.ts';
import { mark } from '../shared/mark.ts';
import { pageStyle } from '../shared/page-style.ts';

const style = `${pageStyle}
.wrap{max-width:960px;margin:0 auto;padding-left:24px;padding-right:24px}
header{display:flex;align-items:center;justify-content:space-between;gap:16px;padding-top:24px;padding-bottom:24px}
.pages{display:flex;gap:20px;margin-left:auto;font-size:15px;font-weight:550}
.state{display:inline-flex;align-items:center;gap:8px;font-size:14px;color:var(--soft);border:1px solid var(--line);
background:var(--panel);border-radius:999px;padding:5px 12px;box-shadow:var(--shadow)}
.state i{width:8px;height:8px;border-radius:50%;background:var(--soft)}
.state[data-state=ready] i{background:var(--good)}
.state[data-state=unavailable] i{background:var(--warn)}
.state[data-state=unreachable] i{background:var(--bad)}
.hero{padding-top:56px;padding-bottom:56px}
.hero h1{font-size:clamp(32px,5.4vw,46px);letter-spacing:-.03em;max-width:16em}
.hero p{margin-top:18px;font-size:18px;color:var(--soft);max-width:38em}
.open{display:inline-block;margin-top:26px;padding:10px 20px;border-radius:8px;background:var(--accent);color:var(--on-accent);font-weight:600}
.open:hover{text-decoration:none;filter:brightness(1.06)}
.open:focus-visible{border-radius:8px}
.cards{display:grid;grid-template-columns:repeat(3,1fr);gap:16px}
.card{display:block;background:var(--panel);border:1px solid var(--line);border-radius:14px;padding:22px;color:inherit;
box-shadow:var(--shadow);transition:border-color .15s}
.card:hover{text-decoration:none;border-color:var(--accent)}
.card h2{font-size:17px}
.card h2 span{color:var(--accent);margin-left:4px}
.card p{color:var(--soft);font-size:15px;margin-top:6px}
section{padding-top:56px}
section>h2{font-size:22px}
section>p{color:var(--soft);margin-top:8px;max-width:42em}
ol{list-style:none;margin:24px 0 0;padding:0;display:grid;gap:24px;counter-reset:step}
ol li{display:grid;grid-template-columns:32px minmax(0,1fr);gap:14px;counter-increment:step}
ol li::before{content:counter(step);width:28px;height:28px;border-radius:50%;display:grid;place-items:center;
background:var(--accent-soft);color:var(--accent);font-size:14px;font-weight:650}
ol h3{font-size:16px;line-height:28px}
ol p{color:var(--soft);font-size:15px}
ol pre{margin-top:12px}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);margin:24px 0 0;background:var(--panel);
border:1px solid var(--line);border-radius:14px;overflow:hidden;box-shadow:var(--shadow)}
dt,dd{margin:0;padding:12px 20px;border-top:1px solid var(--line)}
dt:first-of-type,dt:first-of-type+dd{border-top:0}
dt{font-weight:550;padding-right:28px}
dd{color:var(--soft)}
footer{padding-top:56px;padding-bottom:40px;color:var(--soft);font-size:14px}
@media (max-width:720px){.wrap{padding-left:18px;padding-right:18px}header{flex-wrap:wrap}.pages{order:1;width:100%;margin:0}.cards{grid-template-columns:1fr}.hero{padding-top:28px;padding-bottom:36px}
section{padding-top:44px}dl{grid-template-columns:1fr}dt{padding-bottom:0}dd{border-top:0;padding-top:2px}}
`;

/** Shows the answer of `/readyz`, updated while the page is visible, and the address at which the reader opened it. */
const script = `
const state = document.querySelector('.state');
const label = state.querySelector('span');
function show(name, text) { state.dataset.state = name; label.textContent = text; }
async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch('readyz', { cache: 'no-store' });
    const { status, reason } = await answer.json();
    if (status === 'ready') show('ready', 'Running');
    else show('unavailable', 'Not ready: ' + reason);
  } catch {
    show('unreachable', 'Does not answer');
  }
}
look();
setInterval(look, 10000);
document.addEventListener('visibilitychange', look);
const folder = new URL('.', location.href).href;
for (const part of document.querySelectorAll('[data-folder]')) part.textContent = folder;
`;

export interface HomeLinks {
  /** The path of the Directus socket; undefined: it is off. */
  readonly realtimePath: string | undefined;
  /** Whether there are pages of the inbox and of the preferences. */
  readonly hasInbox: boolean;
}

/** The page at `/`. It shows no stored data, because anybody may read it. */
export function homePage({ realtimePath, hasInbox }: HomeLinks): Page {
  const socket = realtimePath === undefined ? '' : `, events over the WebSocket <code>${realtimePath}</code>`;
  const body = `<header class="wrap">
<span class="brand">${mark}Tidings</span>
${hasInbox ? '<nav class="pages" aria-label="Yours"><a href="inbox">Inbox</a><a href="preferences">Preferences</a></nav>' : ''}
<span class="state" role="status"><i></i><span>Looking…</span></span>
</header>
<main>
<div class="wrap hero">
<h1>One inbox for everything your applications have to say.</h1>
<p>This is Tidings, a notification service. Applications send messages through it; people list, watch, filter and archive
them, and get them by mail or webhook. Everything is in GraphQL, and unchanged clients of Directus and Coder work too.</p>
${hasInbox ? '<a class="open" href="inbox">Open your inbox</a>\n' : ''}</div>
<nav class="wrap cards" aria-label="Look around">
<a class="card" href="graphql/system"><h2>GraphiQL<span>→</span></h2><p>Run queries, mutations and subscriptions, with the schema beside them.</p></a>
<a class="card" href="docs"><h2>API reference<span>→</span></h2><p>Every REST route, its parameters and answers, and a form that sends it.</p></a>
<a class="card" href="openapi.json"><h2>OpenAPI 3.1<span>→</span></h2><p>The same as a document, for generators of clients and for your tools.</p></a>
</nav>
<section class="wrap">
<h2>How to get in</h2>
<ol>
<li><div><h3>Find the token of the first admin</h3>
<p>The first start makes an admin. In a terminal it shows the token, once; elsewhere it writes it to <code>first-admin.env</code>
in <code>DATA_DIR</code>, which only the service’s own user may read. A token given by <code>ADMIN_TOKEN</code> is the one.</p></div></li>
<li><div><h3>Send it with each request</h3>
<p>As a bearer token. In GraphiQL it goes into the headers editor, in the API reference into the field at the top.</p>
<pre><code>curl -H "Authorization: Bearer $TOKEN" <span data-folder>/</span>notifications</code></pre></div></li>
<li><div><h3>Give everybody else a token of their own</h3>
<p>An admin creates users, each with a token that shows that user’s inbox and nothing else.</p>
<pre><code>curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"email":"alice@example.com","token":"a-token-of-16-or-more"}' <span data-folder>/</span>users</code></pre></div></li>
</ol>
</section>
<section class="wrap">
<h2>Where everything is</h2>
<dl>
<dt>GraphQL</dt><dd><code>/graphql/system</code> over HTTP, server-sent events and WebSockets</dd>
<dt>Directus</dt><dd><code>/notifications</code> and <code>/users</code> over REST${socket}</dd>
<dt>Coder</dt><dd><code>/api/v2/notifications</code> over REST, the inbox over a WebSocket</dd>
<dt>Health</dt><dd><a href="readyz"><code>/readyz</code></a> and <a href="healthz"><code>/healthz</code></a></dd>
</dl>
</section>
</main>
<footer class="wrap">Tidings · MIT licence</footer>`;
  return { title: 'Tidings', body, style, script, root: '' };
}
