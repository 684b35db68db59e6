import { isObject, type JsonObject } from '../lib/json.js';
import type { Calendar } from './calendar.js';
import type { CompiledRule } from './compiled-rule.js';
import { parseRuleFile } from './parse-rules.js';
import type { Vocabulary } from './rule-vocabulary.js';

/** A version of a rule as it is kept: its document has its partials written out, and its calendar in place of the name. */
export interface StoredVersion {
  hash: string;
  document: JsonObject;
  source: string;
}

/**
 * The rule of a stored version, by the calendar that it had then, whatever the folder has now. Undefined when this version
 * of the language does not take it any more.
 */
export function storedRule(
  file: string,
  { hash, document, source }: StoredVersion,
  vocabulary: Vocabulary,
): CompiledRule | undefined {
  const calendar = isObject(document['calendar']) ? (document['calendar'] as unknown as Calendar) : null;
  const calendars = new Map(calendar === null ? [] : [[calendar.name, calendar]]);
  const written = calendar === null ? document : { ...document, calendar: calendar.name };
  const commons = { calendars, partials: new Map() };
  const { rules } = parseRuleFile(file, JSON.stringify(written), vocabulary, commons);
  const rule = rules.find((one) => one.hash === hash);
  return rule && { ...rule, source };
}
