import { expect, it } from '@jest/globals';
import { flowPlan } from '../../../src/rules/flow-plan.js';
import { recheck } from '../../../src/rules/recheck.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const NOW = new Date('2026-07-08T14:00:00Z');
const facts = {
  event: { type: 'matter.updated' },
  matter: { id: 7, status: 'Open' },
  previous: { id: 7, status: 'Pending' },
  vars: { state: 'Open' },
  now: '2026-07-01T14:00:00Z',
};
const asked = (conditions: object | undefined, record: object, vars: object = {}) => {
  const { rule } = aCompiledRule({ ...(conditions && { conditions }), vars });
  return recheck(flowPlan(rule, []), facts, { record: { id: 7, ...record }, now: NOW });
};

it.each([
  [{ field: 'matter.status', is: 'Open' }, { status: 'Open' }, null],
  [{ field: 'matter.status', changed: true }, { status: 'Open' }, null],
  [{ field: 'matter.status', changed: true }, { status: 'Pending' }, 'do not hold any more.'],
  [
    { field: 'matter.status', is: 'Open' },
    {},
    'nobody knows whether the conditions of the rule hold (matter.status)',
  ],
  [{ trigger: 'other' }, {}, 'do not hold any more.'],
  [{ field: 'matter.open_date', older_than: '3 days' }, { open_date: '2026-07-04' }, null],
  [{ field: 'matter.open_date', older_than: '3 days' }, { open_date: '2026-07-06' }, 'do not hold any more.'],
  [undefined, {}, null],
])('%j of %j', (conditions, record, why) => {
  const { stopped, verdict } = asked(conditions, record);
  expect(verdict?.value ?? true).toBe(
    why === null ? true : why.startsWith('nobody knows') ? 'unknown' : false,
  );
  if (why === null) expect(stopped).toBeNull();
  else expect(stopped).toContain(why);
});

it('makes the vars anew, and blames what they lack', () => {
  const vars = { state: '{{matter.status}}', again: '{{vars.state}}' };
  const is = { field: 'vars.again', is: 'Closed' };
  expect(asked(is, { status: 'Closed' }, vars)).toMatchObject({
    vars: { state: 'Closed', again: 'Closed' },
    stopped: null,
  });
  expect(asked(is, {}, vars)).toMatchObject({
    vars: {},
    stopped: expect.stringContaining('(matter.status)') as unknown,
  });
});

it('fails when a var cannot be made', () => {
  expect(() => asked(undefined, { status: 'x' }, { day: "{{date matter.status 'D MMM'}}" })).toThrow(
    'vars/day',
  );
});
