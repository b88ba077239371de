import { css } from 'lit';
import { controlStyles } from './control-styles.ts';
import { tableStyles } from './table-styles.ts';

const layout = css`
:host { display: block; container: preferences / inline-size; --padding: var(--tidings-padding, calc(var(--step) * 3)); }
.root {
  color: var(--text);
  font: 400 var(--size) / 1.45 var(--font);
  max-width: calc(760px + 2 * var(--padding));
  margin-inline: auto;
  padding: var(--padding);
  border-radius: calc(var(--radius) + 4px);
  background: var(--tidings-background, var(--panel));
  overflow-wrap: break-word;
}
h2, h3, p, ul, fieldset { margin: 0; padding: 0; border: 0; }
ul { list-style: none; }
h2 { font-size: 1.45em; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; }
h3 { font-size: 1.1em; font-weight: 650; }
.title { margin-bottom: calc(var(--step) * 2.5); }
.hint { color: var(--soft); font-size: 0.93em; font-weight: 400; }
.panel { background: var(--panel); border: 1px solid var(--line); border-radius: calc(var(--radius) + 4px); }
.kinds-head { margin: calc(var(--step) * 4) 0 calc(var(--step) * 1.5); }

.setting {
  display: grid;
  grid-template-columns: minmax(0, 1fr) auto;
  align-items: center;
  gap: var(--step) calc(var(--step) * 3);
  padding: calc(var(--step) * 2) calc(var(--step) * 2.5);
}
.setting + .setting { border-top: 1px solid var(--line); }
.about { display: grid; gap: 2px; }
.name { font-weight: 600; }
.setting > .field, .zone { width: 260px; }
.zone { display: grid; gap: 4px; justify-items: start; }
.details { grid-column: 1 / -1; display: grid; gap: calc(var(--step) * 1.5); justify-items: start; padding-top: var(--step); }
.held, .stale {
  display: flex;
  align-items: center;
  gap: var(--step);
  padding: var(--step) calc(var(--step) * 1.5);
  border-radius: var(--radius);
  background: var(--selected);
}
.stale { margin-bottom: calc(var(--step) * 2); }
.stale .link { margin-inline-start: auto; }
.window { display: flex; flex-wrap: wrap; align-items: center; gap: var(--step) calc(var(--step) * 2); min-width: 0; }
.times { display: flex; align-items: center; gap: calc(var(--step) * 1.5); }
.time { display: flex; align-items: center; gap: 6px; color: var(--soft); }
legend { padding: 0; margin-bottom: 6px; color: var(--soft); font-size: 0.93em; }
.pills { display: flex; flex-wrap: wrap; gap: 4px; }

.note { display: grid; justify-items: center; gap: 4px; padding: calc(var(--step) * 8) calc(var(--step) * 3); text-align: center; }
.note-icon { display: grid; place-items: center; width: 48px; height: 48px; margin-bottom: var(--step); border-radius: 50%; background: var(--hover); color: var(--soft); }
.note-title { font-weight: 600; font-size: 1.07em; }
.note-hint { color: var(--soft); max-width: 44ch; }
.note .button { margin-top: calc(var(--step) * 2); }

.bones { display: grid; gap: 1px; border: 1px solid var(--line); border-radius: calc(var(--radius) + 4px); overflow: hidden; }
.bone { display: flex; justify-content: space-between; align-items: center; padding: calc(var(--step) * 2.5); background: var(--panel); }
.bone i, .bone b { height: 12px; border-radius: 6px; background: var(--hover); animation: breathe 1.6s ease-in-out infinite; }
.bone i { width: 38%; }
.bone b { width: 44px; }
.bone.tall b { width: 120px; height: 24px; }
@keyframes breathe { 50% { opacity: 0.45; } }

.toast-place { position: sticky; bottom: calc(var(--step) * 2); height: 0; z-index: 2; }
.toast {
  position: absolute;
  bottom: 0;
  left: 50%;
  transform: translateX(-50%);
  width: max-content;
  display: flex;
  align-items: center;
  gap: var(--step);
  max-width: min(100%, 560px);
  padding: 10px 16px;
  border: 1px solid var(--line);
  border-radius: calc(var(--radius) + 2px);
  background: var(--panel);
  box-shadow: var(--shadow);
}
.toast > .icon { color: var(--accent); }
.toast.fault > .icon { color: var(--danger); }
.toast .link { margin-inline-start: var(--step); }

@container preferences (max-width: 600px) {
  .root { --padding: var(--tidings-padding, calc(var(--step) * 2)); }
  .setting { padding: calc(var(--step) * 2); }
  .setting:not(.quiet) { grid-template-columns: minmax(0, 1fr); }
  .setting > .field, .zone { width: 100%; }
  .details, .window, .times { width: 100%; }
  .times { align-items: end; }
  .time { flex: 1 1 0; min-width: 0; display: grid; justify-items: start; gap: 2px; }
  .time .field { width: 100%; }
}
`;

export const styles = [layout, controlStyles, tableStyles];
