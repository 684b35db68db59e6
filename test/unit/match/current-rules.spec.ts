import { describe, expect, it } from '@jest/globals';
import { CurrentRules } from '../../../src/rules/current-rules.js';
import { RuleBook } from '../../../src/rules/rule-book.js';
import { matterRule } from '../../support/rule-text.js';

describe('CurrentRules', () => {
  const empty = new RuleBook([], []);
  const one = new RuleBook([matterRule('open', 'conditions: { field: matter.status, is: Open }')], []);

  it('answers for the book in force', () => {
    const rules = new CurrentRules(empty);
    expect(rules.needs().size).toBe(0);
    rules.replace(one);
    expect(rules.book()).toBe(one);
    expect([...(rules.needs().get('matter')?.events ?? [])]).toEqual(['updated']);
    expect(rules.needs().get('matter')?.paths).toContain('status');
  });

  it('gives the same needs until the book is replaced, so that nobody has to compare them', () => {
    const rules = new CurrentRules(one);
    expect(rules.needs()).toBe(rules.needs());
  });

  it('knows which texts of the API are newer than what is here', () => {
    const rule = matterRule('open', 'conditions: { field: matter.status, is: Open }');
    const rules = new CurrentRules(empty);
    expect(rules.isBehind('open', rule.source)).toBe(true);
    rules.replace(new RuleBook([{ ...rule, file: 'api:open' }], []));
    expect([rule.source, 'another text', null].map((source) => rules.isBehind('open', source))).toEqual([
      false,
      true,
      true,
    ]);
    // A file of this process is its own to say.
    rules.replace(new RuleBook([rule], []));
    expect(rules.isBehind('open', 'another text')).toBe(false);
    const broken = { id: 'open', name: null, file: 'api:open', source: 'broken', hash: 'h', diagnostics: [] };
    rules.replace(new RuleBook([], [broken]));
    expect([rules.isBehind('open', 'broken'), rules.isBehind('open', rule.source)]).toEqual([false, true]);
  });

  it('tells every listener after a replacement, until it has heard enough', () => {
    const rules = new CurrentRules(empty);
    const heard: string[] = [];
    rules.onChange(() => heard.push(`first ${rules.book().active.length}`));
    const stop = rules.onChange(() => heard.push('second'));
    rules.replace(one);
    stop();
    rules.replace(empty);
    expect(heard).toEqual(['first 1', 'second', 'first 0']);
  });
});
