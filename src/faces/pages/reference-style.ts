import { pageStyle } from '../shared/page-style.ts';

export const referenceStyle = `${pageStyle}
html{scroll-padding-top:84px}
header{position:sticky;top:0;z-index:2;display:flex;align-items:center;gap:12px;padding:12px 24px;background:var(--ground);
border-bottom:1px solid var(--line)}
.where{color:var(--soft);font-size:15px;padding-left:12px;border-left:1px solid var(--line)}
#access{display:flex;align-items:center;gap:8px;margin-left:auto;font-size:14px;color:var(--soft)}
#who{max-width:220px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
#who:empty{display:none}
input,textarea{font:14px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;color:var(--text);
background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:7px 10px;width:100%}
input::placeholder,textarea::placeholder{color:var(--soft);opacity:.75}
#access input{width:270px}
textarea{resize:vertical;display:block}
button{font:inherit;font-size:14px;font-weight:550;padding:6px 14px;border-radius:8px;border:1px solid var(--line);
background:var(--panel);color:var(--text);cursor:pointer;white-space:nowrap}
button:hover{border-color:var(--accent)}
.send button:first-child{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.columns{display:grid;grid-template-columns:264px minmax(0,1fr);max-width:1240px;margin:0 auto}
nav{position:sticky;top:62px;align-self:start;height:calc(100vh - 62px);overflow-y:auto;padding:28px 16px 40px 24px;font-size:14px}
nav h2{font-size:12px;letter-spacing:.02em;color:var(--soft);font-weight:600;margin:22px 0 6px}
nav h2:first-child{margin-top:0}
nav ul{list-style:none;margin:0;padding:0}
nav li a,.file{display:block;color:var(--text);padding:3px 0;line-height:1.4}
.file{margin-top:24px;color:var(--accent)}
main{padding:36px 24px 96px;min-width:0}
.intro h1{font-size:32px;letter-spacing:-.025em}
.intro p{margin-top:12px;color:var(--soft);max-width:44em}
section{margin-top:48px}
section>h2{font-size:22px}
.about{color:var(--soft);margin:4px 0 16px}
.operation{background:var(--panel);border:1px solid var(--line);border-radius:12px;margin-top:10px;box-shadow:var(--shadow)}
.operation>summary{display:flex;align-items:center;gap:12px;padding:11px 16px;cursor:pointer;list-style:none;border-radius:12px}
.operation>summary::-webkit-details-marker{display:none}
.operation>summary span{margin-left:auto;color:var(--soft);font-size:14px;text-align:right}
.operation>summary code{background:none;padding:0;font-weight:550}
.method{font:600 11px/20px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;flex:0 0 62px;text-align:center;border-radius:6px;
background:var(--code);color:var(--soft)}
.get,.search{color:var(--accent);background:var(--accent-soft)}
.post{color:var(--good)}.patch,.put{color:var(--warn)}.delete{color:var(--bad)}
.inside{border-top:1px solid var(--line);padding:18px 20px 20px}
.inside>p{color:var(--soft);max-width:44em}
.inside h3{font-size:14px;margin:22px 0 10px}
.inside>form:first-child h3:first-child{margin-top:0}
.parameter{display:grid;grid-template-columns:200px minmax(0,1fr);gap:2px 20px;padding:8px 0;align-items:start}
.parameter label{grid-row:span 2;padding-top:5px}
.parameter p{grid-column:2;color:var(--soft);font-size:14px}
.type{display:block;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
.shape{margin-top:8px;font-size:14px}
.shape>summary{cursor:pointer;color:var(--soft)}
.props{list-style:none;margin:10px 0 0;padding:0 0 0 14px;border-left:2px solid var(--line)}
.props li{padding:5px 0}
.props .type{display:inline;margin-left:6px}
.props p{color:var(--soft);font-size:14px}
.send{display:flex;flex-wrap:wrap;align-items:center;gap:10px;margin-top:18px}
.send output{color:var(--soft);font-size:14px}
.result{margin-top:12px;max-height:420px;overflow:auto}
.answers{list-style:none;margin:0;padding:0}
.answers li{display:grid;grid-template-columns:52px minmax(0,1fr);gap:12px;padding:8px 0;border-top:1px solid var(--line);font-size:15px}
.answers li:first-child{border-top:0}
.status{font:600 13px/24px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;color:var(--soft)}
.s2{color:var(--good)}
@media (max-width:900px){header{flex-wrap:wrap;padding:12px 18px}#access{width:100%;margin:0;flex-wrap:wrap}
#access input{flex:1 1 160px;width:auto;min-width:0}
html{scroll-padding-top:130px}.columns{grid-template-columns:minmax(0,1fr)}nav{display:none}main{padding:28px 18px 72px}
.operation>summary{flex-wrap:wrap;gap:6px 10px}.operation>summary span{margin:0;flex-basis:100%;text-align:left}
.parameter{grid-template-columns:1fr}.parameter p{grid-column:1}.inside{padding:16px}}
`;
