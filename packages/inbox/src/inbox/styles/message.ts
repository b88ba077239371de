import { css } from 'lit';

/** The open message. */
export const messageStyles = css`
.pane-head {
  display: flex;
  align-items: center;
  gap: 2px;
  flex: none;
  min-block-size: 48px;
  padding-inline: var(--step);
  border-block-end: 1px solid var(--line);
}
.pane-scroll { flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; }
[dir='rtl'] .turns { display: grid; transform: scaleX(-1); }
.pane-head span { display: grid; }
.message { max-inline-size: 720px; padding: calc(var(--step) * 3); }
.wide .message { padding: calc(var(--step) * 4); margin-inline: auto; }
.message-top { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: calc(var(--step) * 2); margin-block-end: calc(var(--step) * 2.5); }
.glyph.large { inline-size: 40px; block-size: 40px; }
.glyph.large .icon { inline-size: 22px; block-size: 22px; }
.message-subject { font-size: 1.286em; font-weight: 650; line-height: 1.3; letter-spacing: -0.01em; overflow-wrap: anywhere; }
[dir='rtl'] .message-subject { text-align: right; }
.message-meta { display: flex; flex-wrap: wrap; align-items: center; gap: 4px var(--step); margin-block-start: 4px; color: var(--soft); font-size: 0.929em; }
.chip { padding: 1px 8px; border-radius: 10px; background: var(--hover); color: var(--text); font-size: 0.92em; }
.message-none { color: var(--soft); }
.links { display: flex; flex-wrap: wrap; gap: var(--step); margin-block-start: calc(var(--step) * 3); }
.prose { line-height: 1.6; overflow-wrap: anywhere; }
.prose > :first-child { margin-block-start: 0; }
.prose > :last-child { margin-block-end: 0; }
.prose p, .prose ul, .prose ol, .prose pre, .prose blockquote, .prose table { margin: 0 0 0.9em; }
.prose ul, .prose ol { padding-inline-start: 1.6em; }
.prose li + li { margin-block-start: 0.25em; }
.prose h1, .prose h2, .prose h3, .prose h4, .prose h5, .prose h6 { margin: 1.4em 0 0.5em; font-size: 1.1em; line-height: 1.35; }
.prose h1 { font-size: 1.25em; }
.prose a { color: var(--accent); text-underline-offset: 2px; }
.prose code { padding: 0.1em 0.35em; border-radius: 4px; background: color-mix(in srgb, var(--text) 7%, transparent); font: 0.9em ui-monospace, monospace; }
.prose pre { padding: 12px 14px; border-radius: var(--radius); background: color-mix(in srgb, var(--text) 5%, transparent); overflow-x: auto; }
.prose pre code { padding: 0; background: none; }
.prose blockquote { padding-inline-start: 14px; border-inline-start: 3px solid var(--line); color: var(--soft); }
.prose hr { border: 0; border-block-start: 1px solid var(--line); }
.prose table { display: block; overflow-x: auto; border-collapse: collapse; }
.prose th, .prose td { padding: 6px 12px; border: 1px solid var(--line); text-align: start; }
`;
