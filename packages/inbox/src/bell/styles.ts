import { css } from '@lit/reactive-element';

/** Styles of the bell without its popover. They do not use the tokens, which are loaded with the popover. */
export const styles = css`
:host { display: inline-block; vertical-align: middle; color-scheme: light dark; }
:host([theme='light']) { color-scheme: light; }
:host([theme='dark']) { color-scheme: dark; }
:host([hidden]) { display: none; }
.button {
  position: relative;
  box-sizing: border-box;
  display: grid;
  place-items: center;
  width: 36px;
  height: 36px;
  padding: 0;
  border: 0;
  border-radius: var(--tidings-radius, 8px);
  background: none;
  color: inherit;
  cursor: pointer;
}
.button:hover, .button[aria-expanded='true'] { background: color-mix(in srgb, currentColor 10%, transparent); }
.button:focus-visible { outline: 2px solid var(--tidings-accent, light-dark(#3b5bdb, #8ea4ff)); outline-offset: 2px; }
.icon {
  width: 22px;
  height: 22px;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.75;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.badge {
  position: absolute;
  top: 1px;
  inset-inline-start: 18px;
  box-sizing: border-box;
  min-width: 16px;
  padding: 0 4px;
  border-radius: 8px;
  background: var(--tidings-badge, light-dark(#c2255c, #faa2c1));
  color: var(--tidings-on-badge, light-dark(#fff, #10131c));
  font: 700 10px/16px var(--tidings-font, system-ui, sans-serif);
  text-align: center;
}
.badge:empty { display: none; }
.offline .icon, .refused .icon { opacity: 0.6; }
.status { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (forced-colors: active) {
  .button { border: 1px solid; }
  .badge { background: Highlight; color: HighlightText; forced-color-adjust: none; }
}
`;
