/** Moves the focus within a toolbar or a list of tabs by arrow keys, Home and End. Returns the control that got it. @param target the control that got the key */
export function moveWithin(
  event: KeyboardEvent,
  target: Element,
  { group, isRtl }: { readonly group: Element; readonly isRtl: boolean },
): HTMLElement | undefined {
  const controls = [...group.querySelectorAll<HTMLElement>('button:not([disabled])')].filter(isVisible);
  const index = controls.indexOf(target as HTMLElement);
  if (index < 0) return undefined;
  const forward = isRtl ? 'ArrowLeft' : 'ArrowRight';
  const back = isRtl ? 'ArrowRight' : 'ArrowLeft';
  const targets: Readonly<Record<string, number>> = {
    [forward]: (index + 1) % controls.length,
    [back]: (index - 1 + controls.length) % controls.length,
    Home: 0,
    End: controls.length - 1,
  };
  const next = targets[event.key];
  if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return undefined;
  event.preventDefault();
  event.stopPropagation();
  const control = controls[next];
  control?.focus();
  return control;
}

function isVisible(element: HTMLElement): boolean {
  return element.offsetParent !== null || element.getClientRects().length > 0;
}
