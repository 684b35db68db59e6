import { didYouMean } from '../lib/did-you-mean.js';
import type { JsonObject } from '../lib/json.js';
import type { CompiledRule } from './compiled-rule.js';
import { misfitsOfFound } from './lint-mocks.js';
import { eventsOf, namedModels } from './trigger.js';
import { strangersIn } from './strange-keys.js';
import type { ModelVocabulary, Vocabulary } from './rule-vocabulary.js';

interface GivenEvent {
  event?: string | undefined;
  record: JsonObject;
  previous: JsonObject | null;
  lookups: Readonly<Record<string, JsonObject>>;
}

/** What looks like a slip in an event file: an event that no trigger has, keys that Clio's records do not have. */
export function eventHints(given: GivenEvent, { rule }: CompiledRule, vocabulary: Vocabulary): string[] {
  const events = eventsOf(rule);
  const model = vocabulary.models.get(given.event?.split('.')[0] ?? namedModels(rule)[0] ?? '');
  return [
    ...(given.event === undefined || events.includes(given.event)
      ? []
      : [
          `No trigger of the rule has the event "${given.event}"; ${events.length === 0 ? 'it goes by the clock or by hand, so leave "event" out' : `it has ${events.join(', ')}`}.${didYouMean(given.event, events)}`,
        ]),
    ...Object.keys(rule.lookups)
      .filter((name) => !Object.hasOwn(given.lookups, name))
      .map(
        (name) =>
          `The rule looks up "${name}"; say what it finds with "lookups": {"${name}": {"items": []}}.`,
      ),
    ...Object.keys(given.lookups)
      .filter((name) => !Object.hasOwn(rule.lookups, name))
      .map((name) => `The rule has no lookup "${name}".${didYouMean(name, Object.keys(rule.lookups))}`),
    ...Object.entries(given.lookups).flatMap(([name, found]) =>
      misfitsOfFound(found, vocabulary.models.get(rule.lookups[name]?.resource ?? '')).map(
        ({ message }) => `The lookup "${name}" ${message}`,
      ),
    ),
    ...strangers('record', given.record, model),
    ...strangers('previous', given.previous ?? {}, model),
  ];
}

function strangers(where: string, record: JsonObject, model: ModelVocabulary | undefined): string[] {
  return model === undefined
    ? []
    : strangersIn(where, record, model.fields, model.model).map(({ message }) => message);
}
