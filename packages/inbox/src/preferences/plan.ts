import type { Cell, Channel, Choice } from './data.ts';
import { groupKeyOf, keyOf } from './sheet.ts';

/** What a switch of the page changes. */
export interface Plan {
  readonly choices: readonly Choice[];
  /** The switch for e-mails about notifications without a template, if it changes. */
  readonly emailNotifications?: boolean;
  /** What is on afterwards, by key of a cell; cells that are not in it stay as they are. */
  readonly expected: ReadonlyMap<string, boolean>;
}

type Value = 'on' | 'off';
const choiceFor = (isOn: boolean): Value => (isOn ? 'on' : 'off');

/** Choices for one template. They are more specific than those for a category or a channel. */
const ofTemplate: ReadonlySet<string> = new Set(['choice_template_channel', 'choice_template', 'unsubscribed']);
const mailsKey = 'channel smtp';
const ofCategory: ReadonlySet<string> = new Set(['choice_category_channel', 'choice_category']);

/** Makes a plan from the cells as they are. */
export type Planner = (cells: readonly Cell[]) => Plan;

const nothing: Plan = { choices: [], expected: new Map() };

/** Switches one template on or off for one channel. */
export function planCell(key: string, isOn: boolean): Planner {
  return (cells) => {
    const cell = cells.find((one) => keyOf(one) === key);
    if (cell === undefined || cell.locked) return nothing;
    return { choices: [exactChoice(cell, choiceFor(isOn))], expected: new Map([[key, isOn]]) };
  };
}

/** Removes what the user chose for one template and channel, so that the next less specific choice or default counts. */
export function planDefault(key: string): Planner {
  return (cells) => {
    const cell = cells.find((one) => keyOf(one) === key);
    if (cell === undefined) return nothing;
    const choices: Choice[] = [exactChoice(cell, 'inherit')];
    if (cell.because === 'choice_template' || cell.because === 'unsubscribed') {
      choices.push({ template: cell.template?.id ?? '', choice: 'inherit' });
    }
    return { choices, expected: new Map() };
  };
}

/** Switches a group for one channel. A category remembers it for templates to come. */
export function planGroup(key: string, channel: Channel, isOn: boolean): Planner {
  return (cells) => {
    const changing = cells.filter((cell) => cell.channel === channel && !cell.locked && isInGroup(cell, key));
    const own = changing.find(({ template }) => template === null);
    const isNeeded = (cell: Cell) =>
      cell === own || (cell.on !== isOn && (own === undefined || ofTemplate.has(cell.because)));
    return {
      choices: changing.filter(isNeeded).map((cell) => exactChoice(cell, choiceFor(isOn))),
      expected: new Map(changing.map((cell) => [keyOf(cell), isOn])),
    };
  };
}

function isInGroup(cell: Cell, key: string): boolean {
  return (cell.template !== null || cell.category !== null) && groupKeyOf(cell) === key;
}

/**
 * Switches a whole channel: every template, every category, and what is to come. For e-mail it also sets the switch for
 * notifications without a template.
 */
export function planChannel(channel: Channel, isOn: boolean): Planner {
  return (cells) => planWholeChannel(cells, channel, isOn);
}

function planWholeChannel(cells: readonly Cell[], channel: Channel, isOn: boolean): Plan {
  const changing = cells.filter((cell) => cell.channel === channel && !cell.locked);
  const remaining = changing.filter(
    ({ on, because }) => on !== isOn && (ofTemplate.has(because) || ofCategory.has(because)),
  );
  // A choice for the category does for all of its templates that follow it.
  const ofOwn = new Set(remaining.filter(({ template }) => template === null).map(({ category }) => category?.key));
  const needed = remaining.filter(
    ({ template, because, category }) => template === null || ofTemplate.has(because) || !ofOwn.has(category?.key),
  );
  return {
    choices: [{ channel, choice: choiceFor(isOn) }, ...needed.map((cell) => exactChoice(cell, choiceFor(isOn)))],
    ...(channel === 'smtp' && { emailNotifications: isOn }),
    expected: new Map(changing.map((cell) => [keyOf(cell), isOn])),
  };
}

/** Switches e-mails about notifications without a template, and nothing else. */
export function planMails(isOn: boolean): Planner {
  return (cells) => planMailsOnly(cells, isOn);
}

function planMailsOnly(cells: readonly Cell[], isOn: boolean): Plan {
  const expected = new Map([[mailsKey, isOn]]);
  const following = cells.filter(({ channel, because }) => channel === 'smtp' && because === 'choice_channel');
  if (!isOn || following.every(({ on }) => on)) return { choices: [], emailNotifications: isOn, expected };
  // The whole channel is off. It is switched on, and what followed it gets a choice of its own.
  const kept = following.filter((cell) => keyOf(cell) !== mailsKey).map((cell) => exactChoice(cell, 'off'));
  return { choices: [{ channel: 'smtp', choice: 'on' }, ...kept], emailNotifications: true, expected };
}

/** What takes a plan back. @param cells the cells before the plan */
export function inverseOf({ choices, emailNotifications }: Plan, cells: readonly Cell[]): Plan {
  const before = new Map(cells.map((cell) => [keyOf(cell), cell]));
  const mails = before.get(mailsKey);
  const wereOn = mails?.because !== 'email_switch_off';
  return {
    choices: choices.map((choice) => ({ ...choice, choice: formerChoice(choice, before) })),
    ...(emailNotifications !== undefined && emailNotifications !== wereOn && { emailNotifications: wereOn }),
    expected: new Map(cells.map((cell) => [keyOf(cell), cell.on])),
  };
}

function formerChoice({ category, template, channel }: Choice, before: ReadonlyMap<string, Cell>): Value | 'inherit' {
  const stored = (key: string, rule: string) => {
    const cell = before.get(key);
    return cell?.because === rule ? choiceFor(cell.on) : undefined;
  };
  if (template !== undefined) return stored(`template ${template} ${channel}`, 'choice_template_channel') ?? 'inherit';
  if (category !== undefined) return stored(`category ${category} ${channel}`, 'choice_category_channel') ?? 'inherit';
  const following = [...before.values()].find((cell) => cell.channel === channel && cell.because === 'choice_channel');
  return following === undefined ? 'inherit' : choiceFor(following.on);
}

function exactChoice({ template, category, channel }: Cell, choice: Choice['choice']): Choice {
  if (template !== null) return { template: template.id, channel, choice };
  return category === null ? { channel, choice } : { category: category.key, channel, choice };
}
