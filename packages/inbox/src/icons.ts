import { html, type TemplateResult } from 'lit';
import { drawIcon } from './icon.ts';

/** Drawings for the controls of inbox and preferences: paths of 24 x 24, stroked. */
export const controls = {
  archive: 'M3.5 4.5h17v4h-17zM5 8.5v9a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-9M10 12.5h4',
  back: 'M19 12H5M11 6l-6 6 6 6',
  calendar: 'M4 6h16v13.5H4zM4 10.5h16M8.5 3.5V8M15.5 3.5V8',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  checkAll: 'M2.5 12.5l4 4L15 8M11.5 15.5l1 1L21.5 8',
  chevron: 'M9 6l6 6-6 6',
  chevronDown: 'M6 9.5l6 6 6-6',
  clock: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 7.5V12l3 2',
  close: 'M6 6l12 12M18 6L6 18',
  delete:
    'M4.5 6.5h15M9.5 6.5v-2h5v2M6.5 6.5l.8 11.2a2 2 0 0 0 2 1.8h5.4a2 2 0 0 0 2-1.8l.8-11.2M10 10.5v5.5M14 10.5v5.5',
  edit: 'M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5',
  error: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M12 8v4.5M12 16h.01',
  external: 'M13.5 4.5h6v6M19.5 4.5L11 13M17.5 13.5v4a2 2 0 0 1-2 2h-9a2 2 0 0 1-2-2v-9a2 2 0 0 1 2-2h4',
  filter: 'M4 6.5h16M7 12h10M10 17.5h4',
  globe:
    'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17M3.5 12h17M12 3.5c2.6 2.4 3.7 5.2 3.7 8.5s-1.1 6.1-3.7 8.5c-2.6-2.4-3.7-5.2-3.7-8.5s1.1-6.1 3.7-8.5',
  inbox: 'M3.5 13.5l3-8h11l3 8v4.5a1.5 1.5 0 0 1-1.5 1.5h-14a1.5 1.5 0 0 1-1.5-1.5zM3.5 13.5h5l1.5 2.5h4l1.5-2.5h5',
  keyboard: 'M3 6.5h18v11h-18zM6.5 10h.01M10.2 10h.01M13.8 10h.01M17.5 10h.01M8 14h8',
  lock: 'M5.5 10.5h13v9h-13zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5',
  mail: 'M3.5 5.5h17v13h-17zM4 6.5l8 6.5 8-6.5',
  mailOpen: 'M3.5 9.5l8.5-6 8.5 6v10h-17zM4 10.5l8 5 8-5',
  moon: 'M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  offline:
    'M4 4l16 16M8.5 15.5a5 5 0 0 1 5.5-1M5.5 12.3a9.5 9.5 0 0 1 4-2.3M2.8 9a14 14 0 0 1 4-2.6M11 5.2a14 14 0 0 1 10.2 3.8M14.5 10a9.5 9.5 0 0 1 4 2.3M12 19h.01',
  phone:
    'M8 3.5h8a1.5 1.5 0 0 1 1.5 1.5v14a1.5 1.5 0 0 1-1.5 1.5h-8a1.5 1.5 0 0 1-1.5-1.5v-14a1.5 1.5 0 0 1 1.5-1.5M11 17.5h2',
  plus: 'M12 5v14M5 12h14',
  refresh: 'M19.5 12a7.5 7.5 0 1 1-2.2-5.3l2.2 2.2M19.5 4.5v4.4h-4.4',
  save: 'M6.5 4.5h11v15l-5.5-4-5.5 4z',
  search: 'M11 4.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M15.8 15.8l4 4',
  settings: 'M4 7h9M17 7h3M15 5a2 2 0 1 0 0 4 2 2 0 0 0 0-4M4 17h3M11 17h9M9 15a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  snooze: 'M12 5.5a7 7 0 1 0 0 14 7 7 0 0 0 0-14M12 9v3.5l2.2 1.6M3.5 6.5l3-2.7M20.5 6.5l-3-2.7',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2.5v2.5M12 19v2.5M2.5 12H5M19 12h2.5M5.3 5.3l1.7 1.7M17 17l1.7 1.7M18.7 5.3L17 7M7 17l-1.7 1.7',
  undo: 'M8.5 5L4.5 9l4 4M4.5 9h9a5.5 5.5 0 0 1 0 11h-4',
  unread: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8',
  unsave: 'M6.5 8.5v11l5.5-4 5.5 4v-3M9 4.5h8.5V13M4 4l16 16',
  webhook:
    'M9 15.5a3.5 3.5 0 1 1-3.5-3M12 7a3 3 0 1 1 2.4 2.9l2.6 5M9 15.5h6M18 14.5a3 3 0 1 1-2.5 4.5M10.2 9.2l-3.2 6',
} as const;

export type Control = keyof typeof controls;

/** Draws the icon of a control. */
export function controlIcon(name: Control, part?: string): TemplateResult {
  return drawIcon(controls[name], part);
}

/** Drawings for the ids that the service gives to notifications without an icon of their own. */
export const notificationIcons = {
  DEFAULT_ICON_WORKSPACE: 'M3.5 5h17v11h-17zM8.5 19.5h7M12 16v3.5M8 9l2 1.7-2 1.7M12 12.5h3.5',
  DEFAULT_ICON_ACCOUNT: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4.5 20c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5',
  DEFAULT_ICON_TEMPLATE: 'M6.5 3.5h7.5l4.5 4.5v12.5h-12zM13.5 3.5v5h5M9.5 12.5h6M9.5 16h4',
  DEFAULT_ICON_OTHER: 'M18 10a6 6 0 0 0-12 0c0 5-2 6.5-2 6.5h16s-2-1.5-2-6.5M10.2 19.5a2 2 0 0 0 3.6 0',
} as const;

/** The icon of a notification: one of ours by its id, the picture at an https address, or the default. */
export function notificationIcon(icon: string): TemplateResult {
  const paths = (notificationIcons as Readonly<Record<string, string>>)[icon];
  if (paths !== undefined) return drawIcon(paths, 'icon');
  if (isPicture(icon))
    return html`<img class="icon" part="icon" src=${icon} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer">`;
  return drawIcon(notificationIcons.DEFAULT_ICON_OTHER, 'icon');
}

function isPicture(icon: string): boolean {
  try {
    return new URL(icon).protocol === 'https:';
  } catch {
    return false;
  }
}
