import { expect, it } from '@jest/globals';
import { toldSteps } from '../../../src/rules/told-steps.js';

const step = (key: string, action: string, over: object) => ({
  ...{ key, action, definition: {}, input: null, error: null, output: null },
  ...over,
});

it('tells what became of each step in a line', () => {
  const steps = [
    step('call', 'clio.task.create', { input: { name: 'x' } }),
    step('left', 'log.write', { error: { code: 'skipped', message: 'the condition does not hold' } }),
    step('broken', 'log.write', { error: { code: 'rule.template_failed', message: 'x is missing' } }),
    step('asked', 'approval', { output: { status: 'rejected', user: 'Ann', comment: null, approvals: [] } }),
    step('turned', 'choose', { output: { branch: 0, verdicts: { list: [] } } }),
    step('slept', 'wait', { output: { until: '2026-03-06', ended_at: '2026-03-06' } }),
    step('sleeps', 'wait', { output: { until: '2026-03-09' } }),
  ];
  const told = [
    'call  clio.task.create',
    'left  log.write skipped: the condition does not hold',
    'broken  log.write failed: x is missing',
    'asked  approval status rejected, user Ann',
    'turned  choose branch 0',
    'slept  wait until 2026-03-06, ended_at 2026-03-06',
    'sleeps  wait until 2026-03-09',
  ];
  expect(toldSteps(steps, undefined)).toEqual(told);
  expect(toldSteps(steps, 0)).toEqual([
    ...told.slice(0, -1),
    'sleeps  wait until 2026-03-09; the clock of the test stops before, see "advance"',
  ]);
});
