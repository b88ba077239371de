import { css } from 'lit';

/** Styles of the popover of the bell. */
export const panelStyles = css`
.popover {
  position: fixed;
  z-index: 2147483000;
  box-sizing: border-box;
  width: min(var(--tidings-popover-width, 400px), 100vw - 16px);
  height: var(--tidings-popover-height, 560px);
  padding: 0;
  border: 1px solid var(--line);
  border-radius: calc(var(--radius) * 1.5);
  background: var(--panel);
  color: var(--text);
  box-shadow: var(--shadow);
  font: var(--size)/1.4 var(--font);
  overflow: hidden;
  --inbox-border: 0;
  --inbox-shadow: none;
  transition: opacity 0.12s, translate 0.12s;
}
.popover:focus { outline: none; }
tidings-inbox, ::slotted(*) { inline-size: 100%; block-size: 100%; max-block-size: none; }
.message {
  display: grid;
  place-content: center;
  justify-items: center;
  gap: 12px;
  height: 100%;
  padding: 24px;
  color: var(--soft);
  text-align: center;
}
.message p { margin: 0; }
.message button {
  min-height: 32px;
  padding: 0 12px;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--panel);
  color: var(--text);
  font: inherit;
  cursor: pointer;
}
.message button:hover { background: var(--hover); }
@starting-style {
  .popover:popover-open { opacity: 0; translate: 0 -4px; }
}
@media (max-width: 480px) {
  .popover {
    inset: auto 0 0;
    width: 100%;
    max-width: none;
    height: 85dvh;
    margin: 0;
    border-width: 1px 0 0;
    border-end-start-radius: 0;
    border-end-end-radius: 0;
  }
  .popover::backdrop { background: #0006; }
}
`;
