/** Sends the forms of the API reference with the token that the reader entered, which is stored for this tab only. */
export const referenceScript = `
const token = document.getElementById('token');
const who = document.getElementById('who');
const key = 'tidings-token';
token.value = sessionStorage.getItem(key) ?? '';

async function signIn() {
  const given = token.value.trim();
  sessionStorage.setItem(key, given);
  if (given === '') { who.textContent = ''; return; }
  try {
    const answer = await fetch('users/me?fields=email,username,first_name', { headers: headersOf() });
    if (!answer.ok) { who.textContent = answer.status === 401 ? 'This token is not known.' : 'Status ' + answer.status; return; }
    const { data } = await answer.json();
    who.textContent = 'Signed in as ' + (data.first_name ?? data.username ?? data.email ?? 'a user');
  } catch {
    who.textContent = 'The service does not answer.';
  }
}

function headersOf(body) {
  const given = token.value.trim();
  return {
    ...(given !== '' && { authorization: 'Bearer ' + given }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  };
}

function requestOf(form) {
  let path = form.dataset.path.slice(1);
  const query = new URLSearchParams();
  for (const { name, value, dataset } of form.querySelectorAll('input')) {
    if (dataset.in === 'path') path = path.replace('{' + name + '}', encodeURIComponent(value));
    else if (value.trim() !== '') query.set(name, value.trim());
  }
  const text = form.querySelector('textarea')?.value.trim();
  const url = new URL(path + (query.size > 0 ? '?' + query : ''), document.baseURI);
  return { method: form.dataset.method, url, body: text === '' ? undefined : text };
}

function pretty(text, type) {
  if (!type?.includes('json')) return text;
  try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
}

async function send(form) {
  const { method, url, body } = requestOf(form);
  const status = form.querySelector('.send output');
  const result = form.querySelector('.result');
  status.textContent = 'Sending…';
  result.hidden = true;
  const start = performance.now();
  try {
    const answer = await fetch(url, { method, body, headers: headersOf(body) });
    const text = await answer.text();
    const ms = Math.round(performance.now() - start);
    status.textContent = answer.status + ' ' + answer.statusText + ' · ' + ms + ' ms';
    result.firstElementChild.textContent = pretty(text, answer.headers.get('content-type'));
    result.hidden = text === '';
  } catch (error) {
    status.textContent = String(error.message ?? error);
  }
}

const quoted = (text) => "'" + text.replaceAll("'", "'\\\\''") + "'";

/** The token itself is not copied. */
function curlOf(form) {
  const { method, url, body } = requestOf(form);
  return ['curl', ...(method === 'GET' ? [] : ['-X', method]), quoted(url.href), '-H', '"Authorization: Bearer $TOKEN"',
    ...(body === undefined ? [] : ['-H', quoted('Content-Type: application/json'), '-d', quoted(body)])].join(' ');
}

document.getElementById('access').addEventListener('submit', (event) => { event.preventDefault(); signIn(); });
for (const form of document.querySelectorAll('form.request')) {
  form.addEventListener('submit', (event) => { event.preventDefault(); send(form); });
  form.querySelector('.copy')?.addEventListener('click', async () => {
    const output = form.querySelector('.send output');
    const text = curlOf(form);
    try { await navigator.clipboard.writeText(text); output.textContent = 'Copied'; } catch { output.textContent = text; }
  });
}
function openNamed() {
  const named = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (named) { named.open = true; named.scrollIntoView(); }
}
addEventListener('hashchange', openNamed);
openNamed();
if (token.value !== '') signIn();
`;
