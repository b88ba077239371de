import { messageStyles } from './message.ts';
import { popupStyles } from './popups.ts';

/** The rules of what is opened. */
export const laterStyles = [messageStyles, popupStyles];
