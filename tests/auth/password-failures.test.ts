import { describe, expect, it } from '@jest/globals';
import { createPasswordFailures } from '../../src/auth/password-failures.ts';

const here = '1.1.1.1';
const elsewhere = '2.2.2.2';

/** Password failures with a controllable clock. */
function aStage() {
  let time = 1;
  const failures = createPasswordFailures(() => time);
  return {
    ...failures,
    advance: (ms: number) => {
      time += ms;
    },
    fail(times: number, address = here, account = 'ada') {
      for (let index = 0; index < times; index += 1) failures.count(address, account);
    },
  };
}

describe('passwords that failed', () => {
  it('five failed passwords delay nothing, later ones double the delay up to half a minute', () => {
    const { delayMs, fail } = aStage();
    const delays = Array.from({ length: 12 }, () => {
      const delay = delayMs(here, 'ada');
      fail(1);
      return delay / 1000;
    });

    expect(delays).toEqual([0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]);
  });

  it('failed passwords delay further attempts from their address, on every account, and none from other addresses', () => {
    const { delayMs, fail } = aStage();
    for (let account = 0; account < 6; account += 1) fail(1, here, `account ${account}`);

    expect(delayMs(here, 'somebody else')).toBe(2000);
    expect(delayMs(elsewhere, 'account 1')).toBe(0);
  });

  it('failed passwords delay the network of an IPv6 address', () => {
    const { delayMs, fail } = aStage();
    for (let host = 1; host <= 6; host += 1) fail(1, `2001:db8::${host}`);

    expect(delayMs('2001:db8::99', 'ada')).toBe(2000);
  });

  it('a correct password forgives the failures of its own account only', () => {
    const { delayMs, fail, reset } = aStage();
    fail(6, here, 'ada');
    fail(3, here, 'own');

    reset(here, 'own');

    expect(delayMs(here, 'ada')).toBe(2000);
    expect(delayMs(here, 'own')).toBe(2000);
    reset(here, 'ada');
    expect(delayMs(here, 'ada')).toBe(0);
  });

  it('failed passwords are forgotten a quarter of an hour after the last one', () => {
    const { delayMs, fail, advance } = aStage();
    fail(5);
    advance(10 * 60_000);
    fail(1);
    advance(14 * 60_000);
    expect(delayMs(here, 'ada')).toBe(2000);

    advance(60_001);

    expect(delayMs(here, 'ada')).toBe(0);
  });

  it('failed passwords take little memory for any account name', () => {
    const { fail, delayMs } = aStage();
    fail(5, here, 'x'.repeat(1_000_000));
    for (let account = 0; account < 20_000; account += 1) fail(1, elsewhere, `account ${account}`);

    // The oldest entries were dropped.
    expect(delayMs(here, 'anybody')).toBe(0);
    expect(delayMs(elsewhere, 'anybody')).toBe(30_000);
  });
});
