import { css } from 'lit';

/** Menus, small forms, and the list of keys. */
export const popupStyles = css`
.popup {
  position: fixed;
  inset: auto;
  margin: 0;
  min-inline-size: 220px;
  max-inline-size: calc(100vw - 16px);
  max-block-size: min(420px, 100dvh - 16px);
  overflow-y: auto;
  padding: 6px;
  border: 1px solid var(--line);
  border-radius: 10px;
  background: var(--panel);
  color: var(--text);
  box-shadow: var(--shadow);
  animation: appear 0.1s ease-out;
}
@keyframes appear { from { opacity: 0; transform: translateY(-4px); } }
.popup hr { margin: 6px; border: 0; border-block-start: 1px solid var(--line); }
.menu-item {
  display: flex;
  align-items: center;
  gap: 10px;
  inline-size: 100%;
  min-block-size: 36px;
  padding: 0 10px;
  border: 0;
  border-radius: 6px;
  background: none;
  text-align: start;
  cursor: pointer;
}
.menu-item:hover, .menu-item:focus { background: var(--hover); }
.menu-item:focus-visible { outline-offset: -2px; }
.menu-item.danger { color: var(--danger); }
.menu-item .icon { inline-size: 18px; block-size: 18px; color: var(--soft); }
.menu-item.danger .icon { color: inherit; }
.menu-label { flex: 1; white-space: nowrap; }
.menu-hint { padding-inline-start: 16px; color: var(--soft); font-size: 0.857em; white-space: nowrap; }
.popup.form { padding: 14px 14px 0; inline-size: 280px; }
.form-end { position: sticky; inset-block-end: 0; padding-block: 8px 14px; background: var(--panel); display: flex; justify-content: flex-end; gap: 8px; margin-block-start: 6px; }
.question { font-weight: 550; }
.field { display: grid; gap: 6px; font-weight: 550; }
.field input { min-block-size: 36px; padding: 0 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); font-weight: 400; }
.popup fieldset { border: 0; min-inline-size: 0; }
.popup fieldset + fieldset { margin-block-start: 12px; }
.popup legend { padding: 0; margin-block-end: 2px; color: var(--soft); font-size: 0.857em; font-weight: 600; }
.choice { display: flex; align-items: center; gap: 10px; min-block-size: 30px; padding-inline: 4px; border-radius: 6px; cursor: pointer; overflow-wrap: anywhere; }
.choice:hover { background: var(--hover); }
.popup input { flex: none; }
.help {
  inline-size: min(440px, calc(100vw - 32px));
  max-block-size: min(640px, calc(100dvh - 32px));
  padding: 0;
  border: 1px solid var(--line);
  border-radius: 12px;
  background: var(--panel);
  color: var(--text);
  box-shadow: var(--shadow);
}
.help::backdrop { background: #0006; }
.help dl { padding: 0 20px 16px; }
.help-row { display: flex; align-items: center; justify-content: space-between; gap: 16px; min-block-size: 34px; }
.help-row + .help-row { border-block-start: 1px solid var(--line); }
.help dd { display: flex; gap: 4px; }
kbd { min-inline-size: 24px; padding: 2px 6px; border: 1px solid var(--line); border-block-end-width: 2px; border-radius: 5px; background: var(--hover); font: 600 0.857em/1.4 var(--font); text-align: center; }
`;
