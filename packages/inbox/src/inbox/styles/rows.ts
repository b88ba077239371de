import { css } from 'lit';

/** The rows of the list. */
export const rowStyles = css`
.feed { position: relative; }
.day {
  position: sticky;
  z-index: 2;
  inset-block-start: 0;
  block-size: 32px;
  padding: 0 calc(var(--step) * 2);
  line-height: 32px;
  background: var(--panel);
  color: var(--soft);
  font-size: 0.857em;
  font-weight: 600;
}
.row {
  position: relative;
  display: grid;
  grid-template-columns: 32px minmax(0, 1fr) auto;
  grid-template-rows: 20px minmax(20px, auto);
  column-gap: calc(var(--step) * 1.5);
  align-items: start;
  min-block-size: 60px;
  padding-block: calc(var(--step) * 1.25);
  padding-inline: calc(var(--step) * 2.75) calc(var(--step) * 2);
  cursor: default;
}
.row { --back: var(--panel); background: var(--back); }
.row:hover { --back: var(--hover); }
.row.opened, .row.selected { --back: var(--selected); }
.row:focus-visible { outline-offset: -2px; border-radius: 6px; z-index: 1; }
.dot {
  position: absolute;
  inset-inline-start: 8px;
  inset-block-start: 50%;
  inline-size: 8px;
  block-size: 8px;
  margin-block-start: -4px;
  border-radius: 50%;
}
.unread .dot { background: var(--accent); }
.glyph {
  display: grid;
  place-items: center;
  inline-size: 32px;
  block-size: 32px;
  border-radius: var(--radius);
  background: color-mix(in srgb, var(--text) 6%, transparent);
  color: var(--soft);
  overflow: hidden;
}
.glyph .icon { inline-size: 18px; block-size: 18px; }
.glyph img, .glyph > :not(svg) { max-inline-size: 100%; max-block-size: 100%; }
.glyph img.icon { inline-size: 24px; block-size: 24px; object-fit: contain; }
.pick { position: relative; grid-row: 1 / span 2; align-self: center; display: block; inline-size: 32px; block-size: 32px; cursor: pointer; }
.pick input { position: absolute; inset: 0; margin: auto; opacity: 0; }
.pick:hover input, .pick input:checked, .pick input:focus-visible, .selecting .pick input { opacity: 1; }
.pick:hover .glyph, .pick:has(input:checked) .glyph, .pick:has(input:focus-visible) .glyph, .selecting .glyph { visibility: hidden; }
.pick:hover::before, .selecting .pick::before { content: ''; position: absolute; inset: 0; border-radius: var(--radius); background: color-mix(in srgb, var(--text) 6%, transparent); }
.body { grid-column: 2; grid-row: 1 / span 2; min-inline-size: 0; }
.body.plain, .body.plain .words { display: contents; }
::slotted([slot^='item-']) { grid-column: 2; grid-row: 1 / span 2; min-inline-size: 0; }
.subject { grid-column: 2; grid-row: 1; min-inline-size: 0; font-size: 1em; font-weight: 450; line-height: 20px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.unread .subject { font-weight: 650; }
.brief .subject, .brief .meta { grid-row: 1 / span 2; align-self: center; }
[dir='rtl'] .acts { clip-path: inset(0 -24px 0 0); }
[dir='rtl'] .subject, [dir='rtl'] .excerpt { text-align: right; }
.excerpt { grid-column: 2 / span 2; grid-row: 2; min-inline-size: 0; color: var(--soft); font-size: 0.929em; line-height: 19px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-block-size: 19px; }
.meta { grid-column: 3; grid-row: 1; display: flex; align-items: center; gap: 6px; min-block-size: 20px; color: var(--soft); font-size: 0.857em; white-space: nowrap; font-variant-numeric: tabular-nums; }
.meta .icon { inline-size: 14px; block-size: 14px; fill: currentColor; color: var(--accent); }
.flag { display: grid; }
.until { color: var(--accent); }
.acts {
  position: absolute;
  inset-inline-end: 3px;
  inset-block: 3px;
  display: flex;
  align-items: center;
  padding-inline: 0 calc(var(--step) * 1.25);
  background: var(--back);
  box-shadow: 0 0 12px 12px var(--back);
  clip-path: inset(0 0 0 -24px);
  opacity: 0;
  pointer-events: none;
}
.row:hover .acts, .row:focus-within .acts { opacity: 1; pointer-events: auto; }
.acts .icon-button { inline-size: 30px; block-size: 30px; }
.acts .icon-button:hover { background: color-mix(in srgb, var(--text) 8%, transparent); }
.acts .icon { inline-size: 17px; block-size: 17px; }
.selecting .acts { display: none; }
.more { display: none; }
.more .icon { stroke-width: 3; }
@media (hover: none) {
  .acts { display: none; }
  .row { grid-template-columns: 32px minmax(0, 1fr) auto auto; column-gap: 10px; padding-inline-end: 6px; }
  .more { display: grid; align-self: center; grid-column: 4; grid-row: 1 / span 2; }
  .selecting .more { visibility: hidden; }
}
.skeleton { padding-block: var(--step); }
.ghost { display: grid; grid-template-columns: 32px 1fr; gap: 8px calc(var(--step) * 1.5); padding-block: 12px; padding-inline: calc(var(--step) * 2.75) calc(var(--step) * 2); }
.ghost i { display: block; block-size: 10px; border-radius: 5px; background: color-mix(in srgb, var(--text) 7%, transparent); animation: pulse 1.4s ease-in-out infinite alternate; }
.ghost .ghost-icon { grid-row: span 2; inline-size: 32px; block-size: 32px; border-radius: var(--radius); }
.ghost-line { inline-size: 70%; }
.ghost-line.short { inline-size: 45%; }
@keyframes pulse { to { opacity: 0.5; } }
@media (forced-colors: active) {
  .unread .dot { background: Highlight; forced-color-adjust: none; }
  .row.opened, .row.selected { outline: 2px solid Highlight; outline-offset: -2px; }
  .ghost i { border: 1px solid CanvasText; }
}
`;
