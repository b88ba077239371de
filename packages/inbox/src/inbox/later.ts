// What nobody sees before opening something: loaded once the list is there.
export { bulkBar } from './bulk-bar.ts';
export { helpDialog } from './help.ts';
export { onKeyDown } from './keyboard.ts';
export { menu } from './menus.ts';
export { messagePane } from './message.ts';
export { laterStyles } from './styles/later.ts';
