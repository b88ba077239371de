import { css } from 'lit';

/** Switches, checkboxes, fields, buttons and the list of time zones. */
export const controlStyles = css`
.switch, .all { appearance: none; margin: 0; flex: none; cursor: pointer; position: relative; display: inline-block; }
.switch:disabled, .all:disabled { cursor: not-allowed; }
.switch { width: 40px; height: 24px; border-radius: 12px; background: var(--off); border: 1px solid var(--off); transition: background 0.12s; }
.switch::before {
  content: '';
  position: absolute;
  inset-block: 2px;
  inset-inline-start: 2px;
  width: 18px;
  border-radius: 50%;
  background: #fff;
  box-shadow: 0 1px 2px #0004;
  transition: inset-inline-start 0.12s;
}
.switch:checked { background: var(--accent); border-color: var(--accent); }
.switch:checked::before { inset-inline-start: 18px; background: var(--on-accent); }
.switch:disabled { opacity: 0.5; }
:host { --off: light-dark(#8b93a3, #59616f); }

.all { width: 24px; height: 24px; border: 1.75px solid var(--soft); border-radius: 7px; background: var(--panel); }
.all:checked, .all:indeterminate { background: var(--accent); border-color: var(--accent); }
.all:checked::before {
  content: '';
  position: absolute;
  left: 7px;
  top: 2.5px;
  width: 6px;
  height: 11px;
  border: solid var(--on-accent);
  border-width: 0 2.25px 2.25px 0;
  transform: rotate(42deg);
}
.all:indeterminate::before { content: ''; position: absolute; left: 5px; right: 5px; top: 9px; height: 2.5px; border-radius: 2px; background: var(--on-accent); }
.all:disabled { opacity: 0.5; }

.field {
  font: inherit;
  color: var(--text);
  background: var(--panel);
  border: 1px solid var(--edge);
  border-radius: var(--radius);
  padding: 7px 10px;
  min-height: 36px;
}
:host { --edge: light-dark(#8b93a3, #6b7484); }
.field:focus-visible { outline-offset: -1px; border-color: var(--accent); }

.button, .link, .icon-button, .why { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; }
.button {
  display: inline-flex;
  align-items: center;
  gap: 6px;
  min-height: 32px;
  padding: 4px 12px;
  font-weight: 550;
  border: 1px solid var(--edge);
  border-radius: var(--radius);
  background: var(--panel);
}
.button:hover, .icon-button:hover { background: var(--hover); }
.button .icon { width: 16px; height: 16px; }
.link { min-height: 24px; font-weight: 550; color: var(--accent); }
.link:hover { text-decoration: underline; }
.icon-button { display: grid; place-items: center; width: 32px; height: 32px; border-radius: var(--radius); color: var(--soft); }

.pill { position: relative; display: inline-flex; border-radius: 16px; }
.pill input { appearance: none; position: absolute; inset: 0; margin: 0; border: 1px solid var(--edge); border-radius: 16px; cursor: pointer; }
.pill span { position: relative; pointer-events: none; display: flex; align-items: center; padding: 2px 11px; min-height: 28px; font-size: 0.93em; }
.pill input:checked { background: var(--accent); border-color: var(--accent); }
.pill input:checked + span { color: var(--on-accent); font-weight: 550; }
.pill input:disabled { cursor: not-allowed; }

.picker { position: relative; width: 100%; }
.picker .field { width: 100%; text-overflow: ellipsis; }
#zones {
  position: absolute;
  z-index: 3;
  inset-inline: 0;
  top: calc(100% + 4px);
  max-height: 280px;
  overflow: auto;
  padding: 4px;
  border: 1px solid var(--line);
  border-radius: var(--radius);
  background: var(--panel);
  box-shadow: var(--shadow);
}
#zones li { display: flex; justify-content: space-between; gap: var(--step); padding: 6px 8px; min-height: 32px; border-radius: calc(var(--radius) - 2px); cursor: pointer; }
#zones li:hover { background: var(--hover); }
#zones li.active { background: var(--selected); }
#zones li[aria-selected='true'] { font-weight: 600; }
#zones .no-match { color: var(--soft); cursor: default; }
.offset { color: var(--soft); font-weight: 400; white-space: nowrap; }

@media (forced-colors: active) {
  :host { --off: ButtonText; --edge: ButtonText; }
  .switch, .all { forced-color-adjust: none; background: Canvas; border: 1px solid ButtonText; }
  .switch::before { background: ButtonText; box-shadow: none; }
  .switch:checked, .all:checked, .all:indeterminate { background: Highlight; border-color: Highlight; }
  .switch:checked::before { background: HighlightText; }
  .switch:disabled, .all:disabled { opacity: 1; border-color: GrayText; }
  .switch:disabled:not(:checked)::before { background: GrayText; }
  .switch:disabled:checked { background: GrayText; }
  .pill { forced-color-adjust: none; }
  .pill input { background: Canvas; border-color: ButtonText; }
  .pill input + span { color: CanvasText; }
  .pill input:checked { background: Highlight; }
  .pill input:checked + span { color: HighlightText; }
  #zones li.active { outline: 2px solid Highlight; outline-offset: -2px; }
}
`;
