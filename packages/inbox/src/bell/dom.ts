/** An element with attributes and children. The bell makes its few elements by hand, because lit-html is larger. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly Node[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/** Sets attributes; undefined removes one. */
export function setAttributes(element: Element, attributes: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) element.removeAttribute(name);
    else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

/** A drawing of 24 x 24, and its path. */
export function makeDrawing(): readonly [SVGSVGElement, SVGPathElement] {
  const make = <Name extends 'svg' | 'path'>(name: Name) =>
    document.createElementNS('http://www.w3.org/2000/svg', name);
  const [drawing, path] = [make('svg'), make('path')];
  setAttributes(drawing, { class: 'icon', part: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  drawing.append(path);
  return [drawing, path];
}
