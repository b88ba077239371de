import { controlStyles } from './styles/controls.ts';
import { frameStyles } from './styles/frame.ts';
import { rowStyles } from './styles/rows.ts';

/** The rules of the list and its frame. */
export const styles = [frameStyles, controlStyles, rowStyles];
