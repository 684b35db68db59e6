import { describe, expect, it } from '@jest/globals';
import { advance, type FlowRow } from '../../../src/rules/advance-run.js';
import { flowPlan } from '../../../src/rules/flow-plan.js';
import { previewAfter } from '../../../src/rules/preview-after.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const { actions } = vocabulary();
const now = '2026-11-24T12:00:00.000Z';
const facts = {
  event: { type: 'matter.created' },
  matter: { id: 7, status: 'Open', client: null, parts: [{ id: 1 }, { id: 2 }] },
  run: { id: 'r', url: 'https://run', approvals: [], error: null },
  now,
};
const ask = (id: string, more: object = {}) => ({ id, approval: { by: ['user:ann@firm.example'] }, ...more });
const log = (id: string, text: string, more: object = {}) => ({
  ...{ id, action: 'log.write', with: { text } },
  ...more,
});

/** What follows the approval `key`, when all approvals before it were given. */
function after(key: string, steps: object[]) {
  const plan = flowPlan({ ...aCompiledRule({ actions: steps }).rule, on_failure: [] }, []);
  const rows: FlowRow[] = [];
  for (;;) {
    const { rows: next, open } = advance(plan, facts, rows, new Date(now));
    rows.push(...next);
    if (open?.key === key || open === null) return previewAfter(plan, facts, rows, key, actions);
    const output = { status: 'approved', user: 'Ann', text: 'done' };
    rows.push({ ...(rows.pop() as FlowRow), status: 'done', output });
  }
}
const told = (key: string, steps: object[]) =>
  after(key, steps).map(({ step, will, note }) => [step, will, note]);

describe('what follows an approval', () => {
  it('ends at a stop, a wait until a time, and the next approval', () => {
    expect(told('ok', [ask('ok'), { id: 'end', stop: 'enough of {{matter.id}}' }])).toEqual([
      ['end', 'end', 'the run ends: enough of 7'],
    ]);
    expect(told('ok', [ask('ok'), { id: 'w', wait: { until: '17:00' } }, log('z', 'x')])).toEqual([
      ['w', 'wait', 'the run waits here: until 17:00'],
    ]);
    expect(told('ok', [ask('ok'), ask('two'), log('z', 'x')])).toEqual([
      ['two', 'ask', 'people are asked again: user:ann@firm.example'],
    ]);
    expect(told('ok', [ask('ok')])).toEqual([]);
  });

  it('goes past an approval that is not asked for, and through branches and loops that are known', () => {
    const closed = { if: { field: 'matter.status', is: 'Closed' } };
    const way = { choose: [{ ...closed, then: [log('a', 'x')] }], else: [log('b', 'x')] };
    const loop = { for_each: 'matter.parts', as: 'part', max: 2, actions: [log('n', '{{part.id}}')] };
    const steps = [ask('ok'), ask('two', closed), way, loop];
    expect(after('ok', steps).map(({ step, input }) => [step, input])).toEqual([
      ['b', { text: 'x' }],
      ['n[0]', { text: '1' }],
      ['n[1]', { text: '2' }],
    ]);
  });

  it('reads what was approved before, and not yet what is asked now', () => {
    const who = (index: number) => `{{run.approvals.${index}.user}}`;
    const steps = [
      ask('one'),
      ask('two'),
      log('first', who(0)),
      log('second', who(1)),
      log('all', '{{#each run.approvals as |one|}}{{one.user}}{{/each}}'),
    ];
    expect(after('two', steps)).toMatchObject([
      { input: { text: 'Ann' }, not_yet: [] },
      { input: {}, not_yet: [{ because: 'run.approvals.1.user, which is known when this is approved' }] },
      { input: {}, not_yet: [{ field: 'text' }] },
    ]);
  });

  it('ends where the way depends on what is not known', () => {
    const made = 'outputs.made.text';
    const test = { field: made, is: 'x' };
    const before = [ask('ok'), log('made', 'x')];
    const depends = `how it goes on depends on ${made}, which is known when made is done`;
    for (const step of [
      { id: 'next', if: test, then: [log('a', 'x')] },
      { id: 'next', choose: [{ if: test, then: [log('a', 'x')] }] },
      { id: 'next', for_each: made, as: 'one', max: 2, actions: [log('a', 'x')] },
      { id: 'next', stop: `{{${made}}}` },
      ask('next', { if: test }),
    ])
      expect(told('ok', [...before, step]).at(-1)).toEqual(['next', 'depend', depends]);
  });

  it('says what would fail, and ends there unless the rule goes on', () => {
    const client = '{{matter.client.name}}';
    const steps = [ask('ok'), log('a', client, { continue_on_error: true }), log('b', client), log('c', 'x')];
    expect(told('ok', steps)).toEqual([
      ['a', 'fail', expect.stringContaining('matter.client.name')],
      ['b', 'fail', expect.stringContaining('matter.client.name')],
    ]);
    const loop = { id: 'l', for_each: 'matter.people', as: 'one', max: 2, actions: [log('n', 'x')] };
    expect(told('ok', [ask('ok'), loop])).toEqual([['l', 'fail', expect.stringContaining('has no value')]]);
  });

  it('leaves open what would only fail for made-up values', () => {
    const task = {
      id: 'task',
      action: 'clio.task.create',
      with: { name: 'x', matter: '{{outputs.made.text}}' },
    };
    expect(after('ok', [ask('ok'), log('made', 'x'), task]).at(-1)).toMatchObject({
      ...{ step: 'task', will: 'depend', input: null },
      not_yet: [{ field: 'matter', such_as: null }],
    });
  });
});
