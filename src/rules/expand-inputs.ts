import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import { fieldOperators } from './condition.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import { inputsIn, valueOfInput, type RuleInput } from './rule-inputs.js';

/** A document in which the values of inputs stand where `{ input: name }` stood. */
export interface Expanded {
  document: unknown;
  /** False when one of them is not there or has no value: what stands in its place then means nothing. */
  isWhole: boolean;
  /** The inputs that are named so. */
  used: ReadonlySet<string>;
}

/** Where a constant may be an input: what a field test compares with, and what is added to a date or waited for. */
const PLACES: ReadonlySet<string> = new Set([...fieldOperators, 'add', 'for']);
/** Parts of a rule that hold no conditions, or records in which `{ input }` is a value like another. */
const OTHERS = new Set(['inputs', 'tests', 'logic']);
/** Passes every check of a shape, where nothing is known. */
const STAND_IN = '1 day';

/**
 * Writes the values of inputs into the places that name them, so that a copied rule is checked as if they had been
 * written there. R010 for an input that does not exist, R005 for one that has no value to compare with.
 */
export function expandInputs(document: unknown, report: Report): Expanded {
  const walk = new Expansion(inputsIn(document), report);
  return { document: walk.part(document, []), isWhole: walk.isWhole, used: walk.used };
}

class Expansion {
  isWhole = true;
  readonly used = new Set<string>();

  constructor(
    private readonly inputs: ReadonlyMap<string, RuleInput | null>,
    private readonly report: Report,
  ) {}

  part(node: unknown, place: Place): unknown {
    if (Array.isArray(node)) return node.map((item, index) => this.part(item, [...place, index]));
    if (!isObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, value]) => [key, this.entry(node, key, value, [...place, key])]),
    );
  }

  private entry(owner: object, key: string, value: unknown, place: Place): unknown {
    if (OTHERS.has(key)) return value;
    if (PLACES.has(key) && isPlaceIn(owner, key)) {
      if (Array.isArray(value))
        return (value as unknown[]).map((item, index) =>
          nameIn(item) === null ? item : this.valueAt(item, '', [...place, index]),
        );
      if (nameIn(value) !== null) return this.valueAt(value, key, place);
    }
    return this.part(value, place);
  }

  private valueAt(node: unknown, key: string, place: Place): unknown {
    const name = nameIn(node) ?? '';
    const standIn = key === 'in' || key === 'not_in' ? [STAND_IN] : STAND_IN;
    const input = this.inputs.get(name);
    this.used.add(name);
    const value = input == null ? undefined : valueOfInput(input);
    if (value !== undefined) return value;
    this.isWhole = false;
    if (input === undefined)
      this.report(
        'R010',
        `There is no input "${name}".${didYouMean(name, this.inputs.keys()) || ' It would stand below "inputs".'}`,
        place,
      );
    else if (input?.required === false)
      this.report(
        'R005',
        `The input "${name}" has no value, so nothing can be compared with it; give it a value or a default.`,
        place,
      );
    return standIn;
  }
}

/** `field` stands beside an operator, `to` beside what is added; `for` is the length of a wait. */
function isPlaceIn(owner: object, key: string): boolean {
  if (key === 'add') return 'to' in owner;
  return key === 'for' ? !('field' in owner) : 'field' in owner;
}

function nameIn(node: unknown): string | null {
  if (!isObject(node) || Object.keys(node).join() !== 'input') return null;
  return typeof node['input'] === 'string' ? node['input'] : null;
}
