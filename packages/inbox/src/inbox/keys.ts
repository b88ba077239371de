/** What a key does in the inbox. */
export type Command =
  | 'next'
  | 'previous'
  | 'first'
  | 'last'
  | 'open'
  | 'close'
  | 'select'
  | 'archive'
  | 'read'
  | 'save'
  | 'snooze'
  | 'undo'
  | 'search'
  | 'help';

/** Commands by `KeyboardEvent.key`. */
export type KeyMap = Readonly<Record<string, Command>>;

export const defaultKeys: Readonly<Record<Command, readonly string[]>> = {
  next: ['j', 'ArrowDown', 'PageDown'],
  previous: ['k', 'ArrowUp', 'PageUp'],
  first: ['Home'],
  last: ['End'],
  open: ['Enter'],
  close: ['Escape'],
  select: ['x'],
  archive: ['e'],
  read: ['u'],
  save: ['s'],
  snooze: ['h'],
  undo: ['z'],
  search: ['/'],
  help: ['?'],
};

/** Own keys of commands; a list replaces the default ones, an empty one switches the command off. */
export type OwnKeys = Readonly<Partial<Record<Command, string | readonly string[]>>>;

/** The keys of each command, with own ones in place of the defaults. A key of one command is taken from all others. */
export function keysOf(own: OwnKeys = {}): Readonly<Record<Command, readonly string[]>> {
  const given = Object.entries(own).map(([command, keys]) => [command, [keys ?? []].flat()] as const);
  const taken = new Set(given.flatMap(([, keys]) => keys));
  const keys: Record<Command, readonly string[]> = { ...defaultKeys };
  for (const [command, names] of Object.entries(defaultKeys) as [Command, readonly string[]][]) {
    keys[command] = names.filter((name) => !taken.has(name));
  }
  return Object.assign(keys, Object.fromEntries(given));
}

/** The part of a keyboard event that decides what it means. */
export interface Press {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly isComposing: boolean;
}

/** The command of a key; undefined for other keys, with modifiers (Shift belongs to `?`) and while a text is composed. */
export function commandOf(press: Press, keys: Readonly<Record<Command, readonly string[]>>): Command | undefined {
  if (press.ctrlKey || press.metaKey || press.altKey || press.isComposing) return undefined;
  const entry = Object.entries(keys).find(([, names]) => names.includes(press.key));
  return entry?.[0] as Command | undefined;
}
