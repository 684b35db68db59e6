import { didYouMean } from '../lib/did-you-mean.js';
import { RuleError } from '../lib/errors.js';
import type { CompiledRule } from './compiled-rule.js';
import { modelNamesOf } from './rule-models.js';
import { eventNamed, type Vocabulary } from './rule-vocabulary.js';
import { eventsOf, triggerId, type Trigger } from './trigger.js';

/** What a rule is tried with: an event by its name, or the id of a trigger. Neither where it leaves no doubt. */
export interface Occasion {
  event?: string | undefined;
  trigger?: string | undefined;
}

/** An event as it would come in, and the trigger that it is made for, where it is made for one. */
export interface NamedEvent extends ReturnType<typeof eventNamed> {
  trigger?: string;
  /** A webhook when left out. */
  source?: 'schedule' | 'manual';
}

/** @throws RuleError `rule.invalid` when it is not clear which trigger is meant, or there is none such. */
export function occasionOf(compiled: CompiledRule, given: Occasion, vocabulary: Vocabulary): NamedEvent {
  if (given.event !== undefined) return eventNamed(given.event, vocabulary);
  const { rule } = compiled;
  const trigger = triggerOf(rule.triggers, given.trigger);
  if ('event' in trigger) return eventNamed(trigger.event, vocabulary);
  const [name = 'schedule'] =
    'schedule' in trigger ? [trigger.query?.resource] : modelNamesOf(rule, vocabulary);
  const source = 'schedule' in trigger ? 'schedule' : 'manual';
  const model = vocabulary.models.get(name)?.model ?? name;
  const type = `${model}.${source === 'manual' ? 'manual' : 'scheduled'}`;
  return { type, model, types: [type], trigger: triggerId(trigger), source };
}

function triggerOf(triggers: readonly Trigger[], id: string | undefined): Trigger {
  const ids = triggers.map(triggerId);
  const found = id === undefined ? triggers[0] : triggers[ids.indexOf(id)];
  if (found === undefined)
    throw new RuleError(
      'rule.invalid',
      `no trigger of the rule has the id "${id ?? ''}", so the test says nothing.${didYouMean(id ?? '', ids)}`,
    );
  if (id === undefined && triggers.length > 1 && eventsOf({ triggers }).length > 0)
    throw new RuleError(
      'rule.invalid',
      'the rule has several triggers: say which "event" or "trigger" the test is about',
    );
  return found;
}
