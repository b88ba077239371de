import { css } from 'lit';

/** Frame, tabs, and what stands in place of the list. */
export const frameStyles = css`
:host {
  display: block;
  box-sizing: border-box;
  font: var(--size)/1.45 var(--font);
  color: var(--text);
  block-size: 100%;
  max-block-size: 100dvh;
  min-block-size: 0;
}
:host([layout='page']) { block-size: 100dvh; }
:host([layout='popover']) { inline-size: min(420px, 100vw - 16px); block-size: min(600px, 100dvh - 80px); }
h2, h3, p, dl, dd, fieldset { margin: 0; padding: 0; }
button, input { font: inherit; color: inherit; letter-spacing: inherit; }
.inbox {
  position: relative;
  display: flex;
  flex-direction: column;
  block-size: 100%;
  min-block-size: 0;
  background: var(--panel);
  overflow: hidden;
}
/* In a bell, the panel around it has the border. */
:host([layout='popover']) .inbox {
  border: var(--inbox-border, 1px solid var(--line));
  border-radius: calc(var(--radius) * 1.5);
  box-shadow: var(--inbox-shadow, var(--shadow));
}
:host([layout='panel']) .inbox { border-inline: 1px solid var(--line); }
.gap { flex: 1; }
.head {
  display: flex;
  align-items: center;
  gap: calc(var(--step) / 2);
  min-block-size: 52px;
  padding-inline: calc(var(--step) * 2) calc(var(--step) * 1.5);
  flex: none;
}
.title { font-size: 1.143em; font-weight: 650; letter-spacing: -0.01em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.wide .head { gap: var(--step); border-block-end: 1px solid var(--line); }
.tabs {
  display: flex;
  flex: none;
  gap: calc(var(--step) / 2);
  padding-inline: calc(var(--step) * 1.25);
  border-block-end: 1px solid var(--line);
  overflow-x: auto;
  scrollbar-width: none;
}
.tab {
  display: flex;
  align-items: center;
  gap: 6px;
  flex: none;
  min-block-size: 40px;
  padding: 0 calc(var(--step) * 0.75);
  border: 0;
  background: none;
  color: var(--soft);
  font-weight: 500;
  cursor: pointer;
  position: relative;
}
.tab:hover { color: var(--text); }
.tab[aria-selected='true'] { color: var(--text); font-weight: 600; }
.tab[aria-selected='true']::after {
  content: '';
  position: absolute;
  inset-inline: calc(var(--step) * 0.75);
  inset-block-end: -1px;
  block-size: 2px;
  border-radius: 2px 2px 0 0;
  background: var(--accent);
}
.tab:focus-visible { outline-offset: -3px; border-radius: var(--radius); }
.figure {
  min-inline-size: 20px;
  padding: 1px 6px;
  border-radius: 10px;
  background: var(--hover);
  color: var(--soft);
  font-size: 0.8em;
  font-weight: 600;
  font-variant-numeric: tabular-nums;
  text-align: center;
}
[aria-selected='true'] .figure { background: var(--selected); color: var(--text); }
.search-line { flex: none; padding: 0 calc(var(--step) * 1.5) var(--step); }
.main { flex: 1; display: flex; min-block-size: 0; }
.covered .head, .covered .tabs, .covered .banner, .covered .search-line { visibility: hidden; }
.column { position: relative; display: flex; flex-direction: column; flex: 1; min-inline-size: 0; min-block-size: 0; }
.wide .column { flex: 0 0 clamp(340px, 38%, 480px); border-inline-end: 1px solid var(--line); }
.scroll { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; scrollbar-gutter: stable; scrollbar-width: thin; }
.scroll:focus-visible { outline-offset: -2px; }
.pane { display: flex; flex-direction: column; flex: 1; min-inline-size: 0; min-block-size: 0; background: var(--panel); outline: none; }
.narrow .pane { position: absolute; inset: 0; z-index: 5; }
.note {
  display: flex;
  flex-direction: column;
  align-items: center;
  justify-content: center;
  gap: calc(var(--step) / 2);
  min-block-size: min(320px, 100%);
  padding: calc(var(--step) * 5) calc(var(--step) * 3);
  text-align: center;
}
.note-icon {
  display: grid;
  place-items: center;
  inline-size: 56px;
  block-size: 56px;
  margin-block-end: var(--step);
  border-radius: 50%;
  background: var(--hover);
  color: var(--soft);
}
.note-icon .icon { inline-size: 26px; block-size: 26px; }
.note-title { font-weight: 600; }
.note-hint { color: var(--soft); max-inline-size: 36ch; text-wrap: balance; }
.note .button { margin-block-start: calc(var(--step) * 1.5); }
.more-line { display: flex; flex-wrap: wrap; align-items: center; justify-content: center; gap: var(--step); padding: calc(var(--step) * 1.5); color: var(--soft); }
.narrow .tabs { gap: 0; }
.narrow .tab { padding-inline: 6px; gap: 5px; font-size: 0.929em; }
.narrow .tab[aria-selected='true']::after { inset-inline: 6px; }
.narrow .figure { padding-inline: 5px; }
@media (forced-colors: active) {
  .tab[aria-selected='true']::after { background: Highlight; }
}
`;
