import { css } from 'lit';

/** Buttons, fields and boxes. */
export const controlStyles = css`
.icon-button {
  display: grid;
  place-items: center;
  flex: none;
  inline-size: 32px;
  block-size: 32px;
  padding: 0;
  border: 0;
  border-radius: 6px;
  background: none;
  color: var(--soft);
  cursor: pointer;
  position: relative;
}
.icon-button:hover { background: var(--hover); color: var(--text); }
.icon-button:disabled { opacity: 0.4; cursor: default; background: none; }
.icon-button:focus-visible { outline-offset: -2px; }
.icon-button.on { color: var(--accent); background: var(--selected); }
.bulk .icon-button:hover { background: color-mix(in srgb, var(--text) 8%, transparent); }
.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 6px;
  min-block-size: 32px;
  padding: 0 14px;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--panel);
  color: var(--text);
  font-weight: 550;
  text-decoration: none;
  cursor: pointer;
}
.button:hover { background: var(--hover); }
.button:disabled { opacity: 0.5; cursor: default; }
.button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
.button.primary:hover { background: color-mix(in srgb, var(--accent) 88%, var(--text)); }
.button.danger { border-color: transparent; background: var(--danger); color: light-dark(#fff, #10131c); }
.button .icon { inline-size: 16px; block-size: 16px; }
.link-button { border: 0; padding: 4px 8px; min-block-size: 28px; border-radius: 6px; background: none; color: var(--accent); font-weight: 600; cursor: pointer; }
.link-button:hover { text-decoration: underline; }
.search {
  display: flex;
  align-items: center;
  gap: 6px;
  min-block-size: 34px;
  padding-inline: 10px;
  border: 1px solid var(--line);
  border-radius: 6px;
  background: var(--panel);
  color: var(--soft);
  cursor: text;
}
.wide .search { inline-size: min(280px, 30%); }
.search:focus-within { border-color: var(--accent); outline: 1px solid var(--accent); }
.search .icon { inline-size: 16px; block-size: 16px; }
.search input { flex: 1; min-inline-size: 0; min-block-size: 30px; padding: 0; border: 0; background: none; color: var(--text); outline: none; }
.search input::placeholder { color: var(--soft); opacity: 1; }
input[type='checkbox'], input[type='radio'] { inline-size: 16px; block-size: 16px; margin: 0; accent-color: var(--accent); cursor: pointer; }
@media (hover: none) {
  .icon-button { inline-size: 40px; block-size: 40px; }
  .button { min-block-size: 40px; }
  .keys-button { display: none; }
}
`;
