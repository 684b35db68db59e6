import { describe, expect, it } from '@jest/globals';
import { lintText, type LintReport } from '../../../src/cli/lint-report.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const book = new RuleBook([aCompiledRule({ id: 'opening' })], []);
const cost = (calls_a_day: number | null): LintReport => ({
  ok: true,
  diagnostics: [],
  cost: [{ rule_id: 'opening', calls_a_run: 3, calls_an_event: calls_a_day && 0.5, calls_a_day }],
});

describe('the lint, for people', () => {
  it('says what rules cost where last month tells it, and what one run costs otherwise', () => {
    expect(lintText(cost(12), book)).toBe(
      'Calls to Clio at the volume of the last 30 days:\n  opening: 3 a run at most, 0.5 an event, 12 a day\n1 rule is fine, 0 broken.\n',
    );
    expect(lintText(cost(null), book)).toBe(
      'Calls to Clio of one run at most: opening 3.\n1 rule is fine, 0 broken.\n',
    );
    const daily = { rule_id: 'daily', calls_a_run: 9, calls_an_event: null, calls_a_day: null };
    expect(lintText({ ...cost(12), cost: [...cost(12).cost, daily] }, book)).toContain(
      '12 a day\n  daily: 9 a run at most; what it does by the clock or by hand is not estimated\n',
    );
    const free = { ...cost(null), cost: [] };
    expect(lintText(free, book)).toBe('1 rule is fine, 0 broken.\n');
  });
});
