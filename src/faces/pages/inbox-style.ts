import { darkColors, lightColors, pageStyle } from '../shared/page-style.ts';

/** The style of the pages around the components, which have their own. The reader may choose the colours. */
export const inboxStyle = `${pageStyle}
:root{color-scheme:light dark}
:root[data-theme=light]{color-scheme:light;${lightColors}}
:root[data-theme=dark]{color-scheme:dark;${darkColors}}
body,#app{height:100vh;height:100dvh}
#app{display:flex;flex-direction:column}
[hidden]{display:none!important}
.bar{flex:none;display:flex;align-items:center;justify-content:space-between;gap:16px;height:56px;
padding:0 max(16px,env(safe-area-inset-right)) 0 max(16px,env(safe-area-inset-left));border-bottom:1px solid var(--line);background:var(--panel)}
.bar .brand{font-size:16px;border-radius:8px}
.bar .brand svg{width:24px;height:24px}
.account-area{position:relative}
.account{width:36px;height:36px;padding:0;display:grid;place-items:center;border:1px solid transparent;border-radius:50%;
background:var(--accent-soft);color:var(--accent);font:inherit;font-size:15px;font-weight:650;cursor:pointer}
.account:hover,.account[aria-expanded=true]{border-color:var(--accent)}
.account:focus-visible{border-radius:50%}
.menu{position:absolute;z-index:10;inset-inline-end:0;top:44px;width:256px;padding:6px;background:var(--panel);border:1px solid var(--line);
border-radius:12px;box-shadow:0 8px 28px rgba(20,24,40,.16)}
.menu a,.menu>button{display:block;width:100%;padding:7px 10px;border:0;border-radius:8px;background:none;color:var(--text);
font:inherit;font-size:15px;text-align:start;cursor:pointer}
.menu a:hover,.menu>button:hover{background:var(--code);text-decoration:none}
.who{padding:7px 10px 9px;margin-bottom:6px;border-bottom:1px solid var(--line);font-weight:600;font-size:15px;overflow-wrap:anywhere}
.who small{display:block;font-weight:400;font-size:13px;color:var(--soft)}
.themes{border:0;border-block:1px solid var(--line);margin:6px 0;padding:6px 10px 10px;display:grid;grid-template-columns:repeat(3,1fr);gap:4px}
.themes legend{float:inline-start;grid-column:1/-1;padding:0;font-size:13px;color:var(--soft)}
.themes label{position:relative;display:block;cursor:pointer}
.themes input{position:absolute;inset:0;margin:0;opacity:0;cursor:pointer}
.themes span{display:block;padding:4px 6px;border:1px solid var(--line);border-radius:8px;font-size:13px;text-align:center}
.themes input:checked+span{border-color:var(--accent);background:var(--accent-soft);color:var(--accent);font-weight:600}
.themes input:focus-visible+span{outline:2px solid var(--accent);outline-offset:2px}
main.inbox{flex:1;min-height:0}
main.inbox>:last-child{display:block;height:100%}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
main.preferences{flex:1;min-height:0;overflow-y:auto}
main.preferences>:last-child{--tidings-background:transparent;--tidings-padding:0px;display:block;max-width:960px;margin:0 auto;padding:24px 20px 64px}
.narrow{width:100%;max-width:440px;margin:0 auto;padding:72px 20px}
.panel{background:var(--panel);border:1px solid var(--line);border-radius:14px;padding:28px;margin-top:24px;box-shadow:var(--shadow)}
.panel h1{font-size:22px}
.panel p{color:var(--soft)}
.panel h1+p{margin-top:6px}
.panel p.notice{margin-top:16px;padding:10px 12px;border-radius:8px;background:var(--accent-soft);color:var(--text);font-size:15px}
.panel p.fault{margin-top:14px;color:var(--bad);font-size:15px}
.panel p.fault:empty{display:none}
.field{margin-top:18px}
.field label{font-weight:600;font-size:15px}
.field input{font:inherit;color:inherit;display:block;width:100%;margin-top:6px;padding:9px 12px;background:var(--ground);
border:1px solid var(--soft);border-radius:8px}
.field input:focus-visible{outline-offset:0;border-color:var(--accent);border-radius:8px}
.field input[aria-invalid=true]{border-color:var(--bad)}
.button{font:inherit;font-weight:600;display:block;width:100%;margin-top:20px;padding:10px 20px;border:1px solid var(--accent);border-radius:8px;
cursor:pointer;background:var(--accent);color:var(--on-accent);text-align:center}
.button:hover{text-decoration:none;filter:brightness(1.06)}
.button[aria-disabled=true]{opacity:.7;cursor:default}
.button:focus-visible{border-radius:8px}
.button.plain{background:none;border-color:var(--line);color:var(--text);margin-top:12px}
.button.plain:hover{border-color:var(--accent)}
.link{display:block;margin:14px auto 0;padding:4px 8px;border:0;background:none;font:inherit;font-size:15px;color:var(--accent);cursor:pointer}
.link:hover{text-decoration:underline}
.panel p.or{display:flex;align-items:center;gap:12px;margin-top:16px;font-size:14px}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
@media (max-width:520px){.narrow{padding:32px 16px}.panel{padding:22px 18px}main.preferences>:last-child{padding:16px 16px 48px}}
`;
