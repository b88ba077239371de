// The effect of HTML elements in plain text.

/** Elements surrounded by empty lines. */
export const blocks = new Set([
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'table', 'ul', 'ol', 'menu', 'dir', 'dl', 'hr'],
  'figure',
]);
/** Elements that start and end a line. */
export const lines = new Set([
  ...['div', 'section', 'article', 'aside', 'header', 'footer', 'main', 'nav', 'address', 'center', 'hgroup', 'search'],
  ...['form', 'fieldset', 'legend', 'details', 'summary', 'dialog', 'figcaption', 'caption', 'tbody', 'thead', 'tfoot'],
  ...['li', 'dt', 'dd', 'tr', 'body', 'html'],
]);
/** Elements without visible text, or whose text needs the page around it. */
export const invisible = new Set([
  ...['script', 'style', 'head', 'title', 'template', 'iframe', 'noframes', 'noembed', 'svg', 'canvas', 'audio'],
  ...['video', 'textarea', 'select', 'datalist'],
]);
/** Elements that contain list items. */
export const lists = new Set(['ul', 'ol', 'menu', 'dir', 'dl']);
/** List items. */
export const items = new Set(['li', 'dt', 'dd']);
/** Elements that affect their content. */
export const containers = new Set([...lists, ...items, 'blockquote', 'pre', 'table']);
