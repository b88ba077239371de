// What the elements of HTML mean for plain text.

/** Elements with an empty line before and after them. */
export const blocks = new Set([
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'table', 'ul', 'ol', 'menu', 'dir', 'dl', 'hr'],
  'figure',
]);
/** Elements that begin and end a line. */
export const lines = new Set([
  ...['div', 'section', 'article', 'aside', 'header', 'footer', 'main', 'nav', 'address', 'center', 'hgroup', 'search'],
  ...['form', 'fieldset', 'legend', 'details', 'summary', 'dialog', 'figcaption', 'caption', 'tbody', 'thead', 'tfoot'],
  ...['li', 'dt', 'dd', 'tr', 'body', 'html'],
]);
/** Elements that show no text, or none that means anything without the page around it. */
export const unseen = new Set([
  ...['script', 'style', 'head', 'title', 'template', 'iframe', 'noframes', 'noembed', 'svg', 'canvas', 'audio'],
  ...['video', 'textarea', 'select', 'datalist'],
]);
/** Elements that hold items. */
export const lists = new Set(['ul', 'ol', 'menu', 'dir', 'dl']);
/** The items of lists. */
export const items = new Set(['li', 'dt', 'dd']);
/** Elements that matter to what is inside them. */
export const containers = new Set([...lists, ...items, 'blockquote', 'pre', 'table']);
