import type { ModelNeeds } from './compiled-rule.js';
import type { FlowPlan } from './flow-plan.js';
import { cancelNeeds } from './lint-cancel.js';
import { withDefaults } from './rule-defaults.js';
import { ruleSchema } from './rule.js';
import type { Vocabulary } from './rule-vocabulary.js';

/** What must be heard of and read so that the events of a plan's `cancel_when` still end its run, by model. */
export function needsToEnd(
  { cancel_when: cancels }: Pick<FlowPlan, 'cancel_when'>,
  vocabulary: Vocabulary,
): ReadonlyMap<string, ModelNeeds> {
  if (cancels.length === 0) return new Map();
  const events = [...new Set(cancels.map(({ event }) => event))];
  const rule = ruleSchema.parse({
    version: 1,
    id: 'standing-runs',
    name: 'What open runs wait for',
    triggers: events.map((event) => ({ event })),
    actions: [{ stop: 'It only listens.' }],
  });
  return cancelNeeds({ ...withDefaults(rule), cancel_when: cancels }, new Map(), vocabulary);
}
