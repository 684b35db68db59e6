import type { Rule, RuleDocument } from './rule.js';
import { asOne, withOneCondition } from './step-tree.js';

/** The rule as the engine works with it: a list of conditions has become `{ all }`, no conditions null. */
export function withDefaults(document: RuleDocument): Rule {
  const { actions, cancel_when, conditions, evaluation = 'edge', on_failure, ...rest } = document;
  return {
    ...rest,
    actions: withOneCondition(actions),
    evaluation,
    conditions: conditions === undefined ? null : asOne(conditions),
    ...(on_failure && { on_failure: withOneCondition(on_failure) }),
    ...(cancel_when && {
      cancel_when: cancel_when.map(({ event, conditions: test }) => ({
        event,
        conditions: test === undefined ? null : asOne(test),
      })),
    }),
  };
}
