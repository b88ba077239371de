/**
 * Lists captured messages as they arrive, and shows the chosen one. The text of a mail is inserted as text only, and
 * its HTML is shown in a frame only.
 */
export const viewerScript = `
const byId = (id) => document.getElementById(id);
const list = byId('list');
const frame = document.querySelector('iframe');
const plain = document.querySelector('#view pre');
const chosen = { part: 'html', width: 'desk', scheme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light' };
let last = 0;
let shown;

function add({ id, kind, to, subject, at }) {
  const [item, button, title, line, who, when] = ['li', 'button', 'strong', 'small', 'span', 'time'].map((name) => document.createElement(name));
  title.textContent = subject;
  who.textContent = (kind === 'webhook' ? 'Webhook for ' : '') + to;
  when.textContent = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  line.append(who, when);
  button.append(title, line);
  button.dataset.id = id;
  button.addEventListener('click', () => { location.hash = id; });
  item.append(button);
  list.prepend(item);
}

async function look() {
  try {
    const answer = await fetch('messages?after=' + last, { cache: 'no-store' });
    for (const message of await answer.json()) { add(message); last = message.id; }
    if (shown === undefined && last > 0) show(Number(location.hash.slice(1)) || last);
  } catch { /* The demo has ended or is busy. It is asked again in two seconds. */ }
}

async function show(id) {
  const answer = await fetch('messages/' + id, { cache: 'no-store' });
  if (!answer.ok) return;
  shown = await answer.json();
  for (const button of list.querySelectorAll('button')) button.setAttribute('aria-current', button.dataset.id === String(id));
  byId('empty').hidden = true;
  for (const part of document.querySelectorAll('#about, .bar, #view')) part.hidden = false;
  byId('about').querySelector('h1').textContent = shown.subject;
  byId('about').querySelector('p').textContent = (shown.kind === 'webhook' ? 'Webhook for ' : 'To ') + shown.to + ' · ' + new Date(shown.at).toLocaleString();
  draw();
}

function draw() {
  const part = shown.hasHtml || chosen.part !== 'html' ? chosen.part : 'text';
  for (const group of document.querySelectorAll('[data-choice]')) {
    const name = group.dataset.choice;
    const value = name === 'part' ? part : chosen[name];
    for (const button of group.querySelectorAll('button')) button.setAttribute('aria-pressed', button.value === value);
    if (name !== 'part') group.hidden = part !== 'html';
  }
  document.querySelector('[value=html]').hidden = !shown.hasHtml;
  frame.hidden = part !== 'html';
  plain.hidden = part === 'html';
  frame.dataset.width = chosen.width;
  const source = 'messages/' + shown.id + '/html?scheme=' + chosen.scheme;
  if (part === 'html' && frame.getAttribute('src') !== source) frame.setAttribute('src', source);
  plain.textContent = part === 'headers' ? shown.headers.map(([name, value]) => name + ': ' + value).join('\\n') : shown.text;
}

for (const group of document.querySelectorAll('[data-choice]')) {
  group.addEventListener('click', ({ target }) => {
    if (target.value === undefined || target.value === '') return;
    chosen[group.dataset.choice] = target.value;
    draw();
  });
}
addEventListener('hashchange', () => show(Number(location.hash.slice(1))));
look();
setInterval(look, 2000);
`;
