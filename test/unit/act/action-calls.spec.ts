import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { callsOf } from '../../../src/rules/calls-of.js';
import { actionCases, carryOut, outsideOf, sandboxFor, titleOf } from '../../support/action-case.js';
import { TestClock } from '../../support/test-clock.js';

const cases = await actionCases();

/** What the lint tells of an action's cost, against the ledger of the sandbox. */
describe('the calls of an action', () => {
  it.each(cases.map((one) => [titleOf(one), one] as const))('%s: no more than told', async (_, one) => {
    const clock = new TestClock();
    const sandbox = await sandboxFor(one, clock);
    const { outside, input } = await outsideOf(one);
    try {
      await carryOut({ ...one, input }, sandbox, clock, outside?.outbound);
      const told = callsOf(one.action, input, actions);
      expect(sandbox.control.calls().length).toBeLessThanOrEqual(told);
      expect(told === 0).toBe(!one.action.startsWith('clio.'));
    } finally {
      await outside?.stop();
      await sandbox.stop();
    }
  });

  it.each([
    ['clio.task.create', { matter: 1, name: 'x' }, 2],
    ['clio.task.create', { matter: 1, name: 'x', assignee: '{{matter.responsible_attorney.id}}' }, 1],
    ['clio.matter.update', { matter: 1, custom_fields: { A: 1, B: 2 } }, 3],
    ['clio.matter.update', { matter: 1, custom_fields: {} }, 2],
    ['clio.matter.update', { matter: 1, custom_fields: { logic: { var: 'vars.all' } } }, 3],
    ['clio.matter.create', { client: { name: 'Roe' }, description: 'x', stage: 'New' }, 4],
    ['clio.reminder.create', { task: 1, user: 7 }, 2],
    ['clio.reminder.create', { task: 1, user: { user: 'ann@firm.example' } }, 3],
    ['clio.reminder.create', { task: 1, user: { role: 'responsible_attorney' } }, 4],
    ['clio.calendar_entry.create', { attendees: [{ user: 7 }, { contact: { name: 'Roe' } }] }, 6],
    ['clio.calendar_entry.create', { calendar: 3, attendees: [{ calendar: { name: 'Court' } }] }, 2],
    [
      'clio.communication.log_email',
      { from: [{ user: 7 }], to: [{ contact: 5 }, { user: 'a@b.example' }] },
      2,
    ],
    ['clio.expense_entry.create', { matter: 1, vendor: { name: 'Court' } }, 3],
    ['email.send', { to: ['a@b.example'] }, 0],
    ['clio.unheard_of', {}, 0],
  ])('%s %j: %i', (action, input, calls) => {
    expect(callsOf(action, input, actions)).toBe(calls);
  });
});
