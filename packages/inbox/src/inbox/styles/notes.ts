import { css } from 'lit';

/** What comes over the list: the selection's tools, banner, pill and toast. */
export const noteStyles = css`
.bulk { background: var(--selected); }
.bulk-text { font-weight: 600; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; min-inline-size: 0; }
.pick-all { display: grid; place-items: center; inline-size: 32px; block-size: 32px; margin-inline-start: calc(var(--step) * -0.5); flex: none; }
.narrow .bulk { gap: 0; padding-inline: calc(var(--step) * 1.5) var(--step); }
.banner {
  display: flex;
  align-items: center;
  gap: var(--step);
  flex: none;
  padding: var(--step) calc(var(--step) * 2);
  border-block-end: 1px solid var(--line);
  background: var(--hover);
  color: var(--text);
}
.banner > span { flex: 1; min-inline-size: 0; }
.banner .icon { inline-size: 18px; block-size: 18px; color: var(--danger); }
.pill {
  position: absolute;
  z-index: 3;
  inset-block-start: var(--step);
  inset-inline: 0;
  inline-size: fit-content;
  margin-inline: auto;
  min-block-size: 32px;
  padding: 0 calc(var(--step) * 1.75);
  border: 0;
  border-radius: 16px;
  background: var(--accent);
  color: var(--on-accent);
  font-weight: 600;
  box-shadow: var(--shadow);
  cursor: pointer;
}
.toast {
  position: absolute;
  z-index: 6;
  inset-block-end: calc(var(--step) * 2);
  inset-inline: var(--step);
  inline-size: fit-content;
  max-inline-size: calc(100% - var(--step) * 2);
  margin-inline: auto;
  display: flex;
  align-items: center;
  gap: calc(var(--step) / 2);
  padding-block: 6px;
  padding-inline: 16px 6px;
  border-radius: var(--radius);
  background: light-dark(#242936, #e9ebf1);
  color: light-dark(#fff, #1c2029);
  box-shadow: var(--shadow);
  animation: rise 0.16s ease-out;
}
.toast-text { padding-inline-end: var(--step); min-inline-size: 0; }
.toast-button {
  display: grid;
  place-items: center;
  min-inline-size: 32px;
  min-block-size: 32px;
  padding: 0 10px;
  border: 0;
  border-radius: 6px;
  background: none;
  color: inherit;
  font-weight: 650;
  cursor: pointer;
}
.toast-close { padding: 0; opacity: 0.75; }
.toast-close .icon { inline-size: 16px; block-size: 16px; }
.toast-button:hover { background: light-dark(#ffffff1f, #0000001a); opacity: 1; }
.toast-button:focus-visible { outline-color: currentColor; outline-offset: -2px; }
@keyframes rise { from { transform: translateY(8px); opacity: 0; } }
@media (forced-colors: active) {
  .toast, .pill { border: 1px solid CanvasText; }
}
`;
