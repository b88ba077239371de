import { messageStyles } from './message.ts';
import { noteStyles } from './notes.ts';
import { popupStyles } from './popups.ts';

/** The rules of what is not there at the beginning. */
export const laterStyles = [messageStyles, noteStyles, popupStyles];
