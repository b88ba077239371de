/** Where the popover opens, seen from the bell, while there is room. `end` is the right side in a left-to-right page. */
export type Position = 'bottom-end' | 'bottom-start' | 'top-end' | 'top-start';

/** Room between the bell and the popover, and between the popover and the edges of the window, in pixels. */
const gap = 8;

/** Windows up to this width show the popover as a sheet at their lower edge, which the style sheet places. */
export const sheetQuery = '(max-width: 480px)';

/** Puts the popover beside the bell, inside the window: on the other side where there is more room. */
export function place(popover: HTMLElement, bell: HTMLElement, position: Position): void {
  const { style } = popover;
  for (const name of ['inset', 'margin', 'maxHeight'] as const) style[name] = '';
  if (matchMedia(sheetQuery).matches) return;

  style.inset = 'auto';
  style.margin = '0';
  const { top, bottom, left, right } = bell.getBoundingClientRect();
  const { clientWidth: width, clientHeight: height } = document.documentElement;
  const below = height - bottom - 2 * gap;
  const above = top - 2 * gap;
  const isAbove = position.startsWith('top');
  const [room, other] = isAbove ? [above, below] : [below, above];
  const isFlipped = popover.offsetHeight > room && other > room;
  style.maxHeight = `${Math.max(isFlipped ? other : room, 0)}px`;
  if (isAbove === isFlipped) style.top = `${bottom + gap}px`;
  else style.bottom = `${height - top + gap}px`;

  const isRtl = getComputedStyle(bell).direction === 'rtl';
  const isAtRight = position.endsWith('end') !== isRtl;
  const wanted = isAtRight ? right - popover.offsetWidth : left;
  style.left = `${Math.max(gap, Math.min(wanted, width - popover.offsetWidth - gap))}px`;
}
