import { css } from 'lit';

/**
 * Design tokens, adopted by all elements. A page sets `--tidings-*`; the elements read the short private names, which
 * fall back to the colours of the theme. `light-dark()` chooses by `color-scheme`.
 */
export const tokens = css`
:host {
  color-scheme: light dark;
  --accent: var(--tidings-accent, light-dark(#3b5bdb, #8ea4ff));
  --on-accent: var(--tidings-on-accent, light-dark(#fff, #10131c));
  --text: var(--tidings-text, light-dark(#1c2029, #e9ebf1));
  --soft: var(--tidings-soft-text, light-dark(#5b6373, #a3abba));
  --line: var(--tidings-line, light-dark(#e3e6ec, #303541));
  --panel: var(--tidings-panel, light-dark(#fff, #191c24));
  --hover: var(--tidings-hover, light-dark(#f3f5f9, #232733));
  --selected: var(--tidings-selected, light-dark(#e9edfd, #28304b));
  --danger: var(--tidings-danger, light-dark(#c92a2a, #ff8787));
  --badge: var(--tidings-badge, light-dark(#d6336c, #f06595));
  --on-badge: var(--tidings-on-badge, light-dark(#fff, #10131c));
  --radius: var(--tidings-radius, 8px);
  --font: var(--tidings-font, system-ui, sans-serif);
  --size: var(--tidings-font-size, 14px);
  --step: var(--tidings-density, 8px);
  --shadow: var(--tidings-shadow, 0 12px 32px light-dark(#10131c2e, #000a), 0 2px 6px light-dark(#10131c1a, #0006));
}
:host([theme='light']) { color-scheme: light; }
:host([theme='dark']) { color-scheme: dark; }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.icon {
  width: 20px;
  height: 20px;
  flex: none;
  fill: none;
  stroke: currentColor;
  stroke-width: 1.75;
  stroke-linecap: round;
  stroke-linejoin: round;
}
.visually-hidden {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (prefers-reduced-motion: reduce) {
  * { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  :host { --accent: Highlight; --on-accent: HighlightText; --line: CanvasText; --badge: Highlight; --on-badge: HighlightText; }
}
`;
