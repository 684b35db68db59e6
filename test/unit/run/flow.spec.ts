import { describe, expect, it } from '@jest/globals';
import { flowPlan, planToJson } from '../../../src/rules/flow-plan.js';
import { factsAt } from '../../../src/run/flow.js';
import type { Run } from '../../../src/store/run.entity.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

describe('what a step may read', () => {
  it('is what the run was decided on, when the run has come to its end', () => {
    const { rule } = aCompiledRule({ actions: [{ stop: 'enough' }] });
    const facts = { matter: { id: 77 } };
    const run = { plan: planToJson(flowPlan(rule, [])), facts } as unknown as Run;
    expect(factsAt(run, [], new Date(0))).toBe(facts);
  });
});
