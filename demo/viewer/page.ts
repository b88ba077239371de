import { type Page, pageHeaders, writePage } from '../../src/faces/shared/html.ts';
import { mark } from '../../src/faces/shared/mark.ts';
import { pageStyle } from '../../src/faces/shared/page-style.ts';
import { viewerScript } from './page-script.ts';

const style = `${pageStyle}
html,body{height:100%}
body{display:grid;grid-template-columns:minmax(260px,360px) minmax(0,1fr);grid-template-rows:auto minmax(0,1fr);font-size:15px}
header{grid-column:1/-1;display:flex;align-items:center;gap:16px;padding:12px 20px;border-bottom:1px solid var(--line);background:var(--panel)}
header p{color:var(--soft);font-size:14px}
header a{margin-left:auto;font-size:14px}
button{font:inherit;color:inherit;background:none;border:0;cursor:pointer}
#list{overflow-y:auto;border-right:1px solid var(--line);list-style:none;margin:0;padding:8px}
#list button{display:block;width:100%;text-align:left;padding:10px 12px;border-radius:8px;line-height:1.4}
#list button:hover{background:var(--code)}
#list [aria-current=true]{background:var(--accent-soft)}
#list strong,#list small{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
#list strong{font-weight:600}
#list small{display:flex;gap:8px;color:var(--soft);font-size:13px}
#list time{margin-left:auto}
#message{display:flex;flex-direction:column;min-width:0;min-height:0}
#about{padding:18px 24px 0}
#about h1{font-size:20px}
#about p{color:var(--soft);font-size:14px;margin-top:4px}
.bar{display:flex;flex-wrap:wrap;gap:10px 20px;padding:14px 24px;border-bottom:1px solid var(--line)}
fieldset{display:inline-flex;border:1px solid var(--line);border-radius:8px;margin:0;padding:2px;background:var(--panel)}
legend{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
fieldset button{padding:3px 12px;border-radius:6px;font-size:14px}
fieldset [aria-pressed=true]{background:var(--accent-soft);color:var(--accent);font-weight:600}
#view{flex:1;min-height:0;overflow:auto;background:var(--code)}
iframe{display:block;border:0;width:100%;height:100%;margin:0 auto;background:#fff}
iframe[data-width=phone]{width:390px;max-width:100%;border:solid var(--line);border-width:0 1px}
#view pre{border:0;border-radius:0;min-height:100%;padding:20px 24px;white-space:pre-wrap;overflow-wrap:anywhere}
#empty{padding:48px 24px;color:var(--soft)}
[hidden]{display:none!important}
@media (max-width:760px){body{grid-template-columns:minmax(0,1fr);grid-template-rows:auto 34% minmax(0,1fr)}
#list{border-right:0;border-bottom:1px solid var(--line)}header p{display:none}}
`;

const choice = (name: string, legend: string, options: readonly (readonly [value: string, label: string])[]) =>
  `<fieldset data-choice="${name}"><legend>${legend}</legend>${options
    .map(([value, label]) => `<button type="button" value="${value}" aria-pressed="false">${label}</button>`)
    .join('')}</fieldset>`;

/** The viewer: a list of the captured messages, and the chosen one beside it. */
const page: Page = {
  title: 'Sent by the demo',
  style,
  script: viewerScript,
  root: '',
  body: `<header><span class="brand">${mark}Sent by the demo</span><p>Mails and webhooks arrive here instead of at their recipients.</p></header>
<ol id="list" aria-label="Messages, newest first"></ol>
<main id="message">
<p id="empty">Nothing has been sent yet.</p>
<div id="about" hidden><h1></h1><p></p></div>
<div class="bar" hidden>${choice('part', 'Part', [
    ['html', 'HTML'],
    ['text', 'Text'],
    ['headers', 'Headers'],
  ])}${choice('width', 'Width', [
    ['desk', 'Desk'],
    ['phone', 'Phone'],
  ])}${choice('scheme', 'Colours', [
    ['light', 'Light'],
    ['dark', 'Dark'],
  ])}</div>
<div id="view" hidden><iframe title="The HTML of the mail" sandbox="allow-popups allow-popups-to-escape-sandbox"></iframe><pre tabindex="0"></pre></div>
</main>`,
};

const policy = pageHeaders(page);

export const viewerPage = {
  html: writePage(page),
  headers: { ...policy, 'content-security-policy': `${policy['content-security-policy']}; frame-src 'self'` },
};
