import { describe, expect, it } from '@jest/globals';
import {
  extend,
  isEmpty,
  keepListed,
  nothingSelected,
  selectAll,
  toggle,
} from '../../../packages/inbox/src/inbox/selection.ts';

const order = ['5', '4', '3', '2', '1'];

describe('a selection', () => {
  it('takes and gives up single notifications', () => {
    const two = toggle(toggle(nothingSelected, '4'), '2');

    expect([...two.keys]).toEqual(['4', '2']);
    expect(isEmpty(toggle(toggle(two, '4'), '2'))).toBe(true);
  });

  it('extends to everything between the last one and another, in both directions', () => {
    expect([...extend(toggle(nothingSelected, '4'), '2', order).keys]).toEqual(['4', '3', '2']);
    expect([...extend(toggle(nothingSelected, '2'), '5', order).keys].sort()).toEqual(['2', '3', '4', '5']);
  });

  it('extends from nothing to the one notification', () => {
    expect([...extend(nothingSelected, '2', order).keys]).toEqual(['2']);
  });

  it('leaves the loaded others selected when one of all is given up', () => {
    const others = toggle(selectAll(order), '3');

    expect(others.isAll).toBe(false);
    expect([...others.keys]).toEqual(['5', '4', '2', '1']);
  });

  it('drops what left the list', () => {
    const selection = toggle(toggle(nothingSelected, '4'), '2');

    expect([...keepListed(selection, ['5', '4']).keys]).toEqual(['4']);
    expect(keepListed(selection, ['5'])).toBe(nothingSelected);
    expect(keepListed(selection, order)).toBe(selection);
  });

  it('takes what is loaded later when all are selected', () => {
    expect([...keepListed(selectAll(['5']), order).keys]).toEqual(order);
  });
});
