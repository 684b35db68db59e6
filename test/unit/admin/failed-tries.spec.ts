import { describe, expect, it } from '@jest/globals';
import { FailedTries, sourceOf } from '../../../src/admin/failed-tries.js';
import { TestClock } from '../../support/test-clock.js';

describe('tries that fail', () => {
  const fail = (tries: FailedTries, address: string, count: number) => {
    for (let done = 0; done < count; done++) tries.note(address);
  };

  it('may be ten a minute from one address', async () => {
    const clock = new TestClock();
    const tries = new FailedTries(clock);
    fail(tries, '10.0.0.1', 9);
    expect(tries.waitOf('10.0.0.1')).toBe(0);
    await clock.leap(20_000);
    fail(tries, '10.0.0.1', 1);
    expect(tries.waitOf('10.0.0.1')).toBe(40_000);
    expect(tries.waitOf('10.0.0.2')).toBe(0);
    await clock.leap(39_999);
    expect(tries.waitOf('10.0.0.1')).toBe(1);
    await clock.leap(1);
    // Nine are forgotten, one of them is not.
    expect(tries.waitOf('10.0.0.1')).toBe(0);
    fail(tries, '10.0.0.1', 9);
    expect(tries.waitOf('10.0.0.1')).toBe(20_000);
  });

  it('are remembered of so many addresses, the latest', () => {
    const tries = new FailedTries(new TestClock(), 100);
    fail(tries, '10.0.0.1', 10);
    fail(tries, '10.0.0.2', 10);
    for (let host = 0; host < 98; host++) fail(tries, `10.1.0.${host}`, 1);
    tries.note('10.0.0.1');
    tries.note('10.2.0.1');
    expect(tries.waitOf('10.0.0.1')).toBeGreaterThan(0);
    expect(tries.waitOf('10.0.0.2')).toBe(0);
  });

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['::1', '0:0:0:0'],
    [undefined, ''],
  ])('count for %s as of %s', (address, source) => {
    expect(sourceOf(address)).toBe(source);
  });
});
