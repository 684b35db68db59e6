import { describe, expect, it } from '@jest/globals';
import { flowPlan, planToJson } from '../../../src/rules/flow-plan.js';
import { factsAt, nextOf, withoutTry } from '../../../src/run/flow.js';
import type { Settlement } from '../../../src/store/run-settlement.js';
import type { Run } from '../../../src/store/run.entity.js';
import type { Step } from '../../../src/store/step.entity.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

describe('what a step may read', () => {
  it('is what the run was decided on, when the run has come to its end', () => {
    const { rule } = aCompiledRule({ actions: [{ stop: 'enough' }] });
    const facts = { matter: { id: 77 } };
    const run = { plan: planToJson(flowPlan(rule, [])), facts } as unknown as Run;
    expect(factsAt(run, [], new Date(0))).toBe(facts);
  });
});

describe('how a run goes on after a step', () => {
  const log = (id: string) => ({ id, action: 'log.write', with: { text: id } });
  const { rule } = aCompiledRule({ actions: [log('a'), { wait: { for: '1 day' } }, log('z')] });
  const run = { plan: planToJson(flowPlan(rule, [])), facts: { run: {} } } as unknown as Run;
  const a = { key: 'a', status: 'running', output: null, error: null } as Step;
  const problem = { code: 'c', message: 'm' };
  const next = (outcome: Settlement['outcome'], of = run) =>
    nextOf({ ...withoutTry, run: of, step: a, outcome, continueOnError: false }, [a], new Date(0));

  it('is for its plan to say, which reads what the step left', () => {
    expect(next({ kind: 'done', output: { text: 'a' } })).toMatchObject({
      steps: [{ action: 'wait', status: 'due', id: expect.any(String) as unknown }],
      end: null,
    });
    expect(next({ kind: 'skip', reason: 'no' })?.steps).toHaveLength(1);
    expect(next({ kind: 'fail', error: problem })).toEqual({
      steps: [],
      end: { status: 'failed', error: problem },
    });
  });

  it.each<Settlement['outcome']>([
    { kind: 'retry', at: 1, error: problem },
    { kind: 'unknown', error: problem },
  ])('is open while the step is not settled for good: $kind', (outcome) => {
    expect(next(outcome)).toBeNull();
  });

  it('is not for a plan to say where there is none', () => {
    expect(next({ kind: 'done', output: {} }, { ...run, plan: null })).toBeNull();
  });
});
