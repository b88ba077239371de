/** The colours, as custom properties. */
export const lightColors = `--text:#1c2024;--soft:#60646c;--line:#e4e5e9;--ground:#fbfbfc;--panel:#fff;--accent:#3b5bdb;--accent-soft:#edf1ff;
--on-accent:#fff;--code:#f3f4f7;--good:#18794e;--warn:#ad5700;--bad:#c62a2f;--shadow:0 1px 2px rgba(20,24,40,.05)`;
export const darkColors = `--text:#edeef0;--soft:#a0a6b1;--line:#2b2f37;--ground:#111318;--panel:#181b21;--accent:#91a7ff;--accent-soft:#1f2744;
--on-accent:#111318;--code:#20242c;--good:#4cc38a;--warn:#f1a10d;--bad:#ff6369;--shadow:none`;

/** The style that all pages share. */
export const pageStyle = `
:root{${lightColors}}
@media (prefers-color-scheme:dark){:root{${darkColors}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);
font:16px/1.6 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
-webkit-font-smoothing:antialiased}
a{color:var(--accent);text-decoration:none}
a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:6px}
h1,h2,h3{line-height:1.25;letter-spacing:-.015em;margin:0;font-weight:650}
p{margin:0}
code,pre,kbd{font:.875em/1.6 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
code{background:var(--code);padding:.12em .38em;border-radius:5px;overflow-wrap:anywhere}
pre{background:var(--code);border:1px solid var(--line);border-radius:10px;padding:14px 16px;margin:0;overflow-x:auto}
pre code{background:none;padding:0;overflow-wrap:normal}
.brand{display:flex;align-items:center;gap:10px;font-weight:650;font-size:17px;color:var(--text);letter-spacing:-.01em}
.brand:hover{text-decoration:none}
.brand svg{width:28px;height:28px;display:block}
`;
