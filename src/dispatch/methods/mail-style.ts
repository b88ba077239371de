/** The light colours of e-mails, which are the same as those of the pages. */
export const colors = {
  ground: '#f3f4f7',
  card: '#ffffff',
  line: '#e4e5e9',
  title: '#16181d',
  text: '#33373f',
  soft: '#60646c',
  accent: '#3b5bdb',
  onAccent: '#ffffff',
} as const;

export const font = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const mono = 'ui-monospace,SFMono-Regular,Menlo,Consolas,monospace';

/**
 * Mail programs that ignore style sheets use the `style` attributes of the elements. In other programs, this style
 * sheet adds dark colours, if the reader prefers them, and the full width of a phone.
 */
export const mailStyle = `
:root{color-scheme:light dark;supported-color-schemes:light dark}
body{-webkit-text-size-adjust:100%}
.content p,.content ul,.content ol,.content pre,.content blockquote,.content table{margin:0 0 16px}
.content ul,.content ol{padding-left:24px}.content li{margin:0 0 6px}.content li>ul,.content li>ol{margin:6px 0 0}
.content h1,.content h2,.content h3,.content h4{color:${colors.title};line-height:1.35;margin:28px 0 8px}
.content h1{font-size:20px}.content h2{font-size:18px}.content h3,.content h4{font-size:16px}
.content a{color:${colors.accent}}
.content code{font:14px/1.5 ${mono};background:${colors.ground};border-radius:5px;padding:2px 5px}
.content pre{white-space:pre-wrap;overflow-wrap:anywhere;background:${colors.ground};border-radius:8px;padding:14px 16px}
.content pre code{background:none;padding:0}
.content blockquote>:last-child,.content li>p:last-child{margin-bottom:0}
.content blockquote{padding:2px 0 2px 16px;border-left:3px solid ${colors.line};color:${colors.soft}}
.content table{display:block;max-width:100%;overflow-x:auto;border-collapse:collapse}
.content th,.content td{border-bottom:1px solid ${colors.line};padding:8px 24px 8px 0}.content th{color:${colors.soft};font-size:14px;text-align:left}
.content th:last-child,.content td:last-child{padding-right:0}
.content img{max-width:100%;height:auto}.content hr{border:0;border-top:1px solid ${colors.line};margin:24px 0}
.content>:first-child{margin-top:0}.content>:last-child{margin-bottom:0}
@media (max-width:600px){.outer{padding:0 0 24px!important}.card{border-radius:0!important;border-width:0 0 1px!important}
.inner{padding:28px 20px 24px!important}.foot{padding:20px!important}
.button{display:block!important;margin-right:0!important;padding:13px 20px!important}}
@media (prefers-color-scheme:dark){body,.ground{background:#0f1115!important}
.card{background:#191c22!important;border-color:#2b2f37!important}
.title,.content h1,.content h2,.content h3,.content h4{color:#f2f3f5!important}.content{color:#d3d6dc!important}
.content a{color:#91a7ff!important}.content code,.content pre{background:#252932!important}.content pre code{background:none!important}
.content blockquote,.content th{border-color:#3a3f49!important;color:#a0a6b1!important}
.content td,.content hr{border-color:#3a3f49!important}
.button{background:#191c22!important;border-color:#4a505c!important;color:#edeef0!important}
.primary{background:#91a7ff!important;border-color:#91a7ff!important;color:#111318!important}
.foot,.foot a{color:#a0a6b1!important}}
`;
