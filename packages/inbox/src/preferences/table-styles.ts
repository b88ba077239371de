import { css } from 'lit';

/** The table of kinds; on narrow pages its rows are cards. */
export const tableStyles = css`
table { width: 100%; border-collapse: collapse; }
th { font-weight: 400; text-align: start; }
td, thead th:not(.kind) { width: 150px; }
.cell { display: flex; align-items: center; gap: 4px; }
thead th { padding: calc(var(--step) * 1.5) var(--step); color: var(--soft); font-weight: 550; font-size: 0.93em; }
.channel, .label { display: inline-flex; align-items: center; gap: 6px; }
.channel .icon, .label .icon { width: 17px; height: 17px; }
.label { display: none; color: var(--soft); }
tr { border-top: 1px solid var(--line); }
thead tr { border: 0; }
tbody th { padding: calc(var(--step) * 1.25) var(--step); padding-inline-start: calc(var(--step) * 2.5); }
tbody th > span { display: block; }
td { padding: calc(var(--step) * 1.25) var(--step); vertical-align: middle; }
.head { background: var(--hover); }
.head th > span:first-child { font-weight: 600; }
tbody:last-child tr:last-child:not(.explained) { border-radius: 0 0 calc(var(--radius) + 4px) calc(var(--radius) + 4px); }
.why {
  padding: 3px 6px;
  min-height: 24px;
  text-align: start;
  border-radius: 6px;
  color: var(--soft);
  font-size: 0.86em;
  line-height: 1.35;
}
button.why:hover { background: var(--hover); color: var(--text); }
button.why[aria-expanded='true'] { background: var(--selected); color: var(--text); }
.none { color: var(--soft); }
.none .cell::after { content: '–'; padding-inline-start: 15px; }
.explained td { padding: 0 calc(var(--step) * 2.5) calc(var(--step) * 2); text-align: start; }
.explained { border: 0; }
.explanation { display: flex; gap: calc(var(--step) * 2); justify-content: space-between; align-items: start; padding: calc(var(--step) * 1.5) calc(var(--step) * 2); border-radius: var(--radius); background: var(--hover); }
.explanation .buttons { display: flex; gap: var(--step); align-items: center; flex: none; }
.explanation-text { display: grid; gap: 6px; }
.verdict { font-weight: 550; }
.explanation li { display: flex; gap: 6px; color: var(--soft); font-size: 0.93em; }
.explanation li .icon { width: 16px; height: 16px; margin-top: 2px; }
.passed .icon { color: var(--accent); }
.stopped .icon { color: var(--danger); }

@container preferences (max-width: 600px) {
  table, tbody, tr, th, td { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: calc(var(--step) * 1.5) calc(var(--step) * 2); }
  tbody th { padding: 0 0 4px; font-weight: 600; }
  tbody th .hint { font-weight: 400; }
  tbody td { padding: 2px 0; }
  td.none { display: none; }
  .cell { min-height: 36px; }
  .label { display: inline-flex; }
  td .why { margin-inline-start: auto; }
  td .switch, td .all { order: 2; }
  td .all { margin-inline: auto 8px; }
  .explained td { display: block; padding: 0; }
  tr.explained { padding-top: 0; }
  .explanation { flex-direction: column; }
}
`;
