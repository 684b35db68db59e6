import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { Backtest } from '../../../src/match/backtest.js';
import { costsOf, lintCost, type Volume } from '../../../src/match/call-cost.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const note = { action: 'clio.note.create', with: { type: 'Matter', matter: '{{matter.id}}', subject: 'x' } };
const task = {
  action: 'clio.task.create',
  with: { name: 'Call', description: 'x', matter: '{{matter.id}}', assignee: { user: 'a@firm.example' } },
};
const heavy = aCompiledRule({ id: 'heavy', actions: [task, note], evaluation: 'level' });
const light = aCompiledRule({ id: 'light', actions: [{ action: 'log.write', with: { text: 'x' } }] });
const rare = aCompiledRule({
  id: 'rare',
  actions: [note],
  evaluation: 'level',
  conditions: [{ field: 'matter.id', is: 1 }],
});
const rules = [heavy, light, rare];

function volume(scale: number, connections = 1): Volume {
  const backtest = new Backtest(
    rules.map((draft) => ({ draft, active: null })),
    actions,
    new Map(),
  );
  for (const id of [1, 2, 3, 4])
    backtest.add({
      id: `e${id}`, connectionId: 'firm', source: 'webhook', model: 'matter', recordId: String(id), type: 'matter.updated',
      types: ['matter.updated'], payload: {}, receivedAt: 0, record: { id }, previous: null, changed: null, causedByRunId: null, depth: 0,
    }); // prettier-ignore
  return { sample: backtest.report(), scale, days: 30, connections };
}

describe('what a rule costs', () => {
  it('is told of a run from the rule alone, and of an event and a day from stored events', () => {
    expect(costsOf(rules, actions, null)).toEqual([
      { rule_id: 'heavy', calls_a_run: 3, calls_an_event: null, calls_a_day: null },
      { rule_id: 'light', calls_a_run: 0, calls_an_event: null, calls_a_day: null },
      { rule_id: 'rare', calls_a_run: 1, calls_an_event: null, calls_a_day: null },
    ]);
    expect(costsOf(rules, actions, volume(30))).toEqual([
      { rule_id: 'heavy', calls_a_run: 3, calls_an_event: 3, calls_a_day: 12 },
      { rule_id: 'light', calls_a_run: 0, calls_an_event: 0, calls_a_day: 0 },
      { rule_id: 'rare', calls_a_run: 1, calls_an_event: 0.25, calls_a_day: 1 },
    ]);
    const other = aCompiledRule({ id: 'other' });
    expect(costsOf([other], actions, volume(30))).toMatchObject([{ calls_a_day: null }]);
    const daily = aCompiledRule({
      id: 'heavy',
      actions: [note],
      triggers: [{ schedule: { cron: '0 8 * * *' } }, { manual: true }],
    });
    expect(costsOf([daily], actions, volume(30))).toEqual([
      { rule_id: 'heavy', calls_a_run: 1, calls_an_event: null, calls_a_day: null },
    ]);
    const unheard = {
      ...volume(1),
      sample: new Backtest([{ draft: heavy, active: null }], actions, new Map()).report(),
    };
    expect(costsOf([heavy], actions, unheard)).toMatchObject([{ calls_an_event: 0, calls_a_day: 0 }]);
  });

  it.each([
    [[note], 1],
    [[{ for_each: 'matter.relationships', max: 4, actions: [note] }, note], 5],
    [[{ for_each: 'matter.relationships', max: 40, actions: [note] }], 25],
    [[{ for_each: 'matter.relationships', max: 4, actions: [{ wait: { for: '1 day' } }, note] }], 8],
    [[note, { wait: { for: '1 day', recheck: false } }, { wait: { for: '1 day' } }, note], 3],
  ])('counts what loops may come to, and the reads after waits: %j', (steps, calls) => {
    expect(costsOf([aCompiledRule({ actions: steps })], actions, null)).toMatchObject([
      { calls_a_run: calls },
    ]);
  });

  it('counts a look before each step that makes a record without a reference', () => {
    const steps = [note, { action: 'log.write', with: { text: 'x' } }];
    expect(costsOf([aCompiledRule({ actions: steps, marker: false })], actions, null)).toMatchObject([
      { calls_a_run: 2 },
    ]);
  });

  it.each([
    ['bill.created', [{ approval: { by: 'role:responsible_attorney' } }], 1],
    ['bill.created', [{ approval: { by: ['group:Partners', 'ann@firm.example'] } }], 0],
    ['matter.created', [{ approval: { by: 'role:responsible_attorney' } }], 0],
    [
      'bill.created',
      [{ for_each: 'bill.matters', max: 3, actions: [{ approval: { by: 'role:responsible_attorney' } }] }],
      3,
    ],
  ])('counts what approvals by a role read: %s %j', (event, steps, calls) => {
    const compiled = aCompiledRule({ triggers: [{ event }], actions: steps });
    expect(costsOf([compiled], actions, null)).toMatchObject([{ calls_a_run: calls }]);
  });

  it('knows how long the list in an input is', () => {
    const loop = (list: string) => ({ for_each: list, max: 20, actions: [note] });
    const inputs = { steps: { type: 'list', value: ['a', 'b', 'c'] } };
    const costs = ['inputs.steps', 'matter.relationships'].map(
      (list) => costsOf([aCompiledRule({ inputs, actions: [loop(list)] })], actions, null)[0]?.calls_a_run,
    );
    expect(costs).toEqual([3, 20]);
  });

  it('counts the names of custom fields that a look after a wait may have to ask for', () => {
    const compiled = aCompiledRule({ actions: [{ wait: { for: '1 day' } }] });
    const needs = (path: string) =>
      new Map([['matter', { events: new Set(['updated']), paths: new Set([path]) }]]);
    const costs = ['status', 'custom_fields.Court'].map(
      (path) => costsOf([{ ...compiled, needs: needs(path) }], actions, null)[0]?.calls_a_run,
    );
    expect(costs).toEqual([1, 2]);
  });

  it('is remarked as R041 where the rules together need more than half of the budget, at those that need it', () => {
    const within = costsOf(rules, actions, volume(80_000));
    expect(lintCost(rules, within, 1)).toEqual([]);
    const beyond = costsOf(rules, actions, volume(120_000));
    expect(lintCost(rules, beyond, 1)).toEqual([
      {
        code: 'R041',
        severity: 'warning',
        file: 'a-rule.yaml',
        line: 2,
        column: 1,
        path: 'id',
        message: expect.stringMatching(
          /^At the volume of the last 30 days the rules need about 52000 calls a day, and 36000 are there for steps .*This rule needs 48000 of them; add conditions/,
        ) as unknown,
      },
    ]);
    expect(lintCost(rules, beyond, 2)).toEqual([]);
    expect(lintCost(rules, costsOf(rules, actions, null), 0)).toEqual([]);
  });
});
