import Handlebars from 'handlebars';
import { didYouMean } from '../lib/did-you-mean.js';
import { messageOf, RuleError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import type { Commons } from './commons.js';
import type { Place } from './place.js';
import type { Report } from './read-documents.js';
import { nestingProblem } from './text-bounds.js';

type Partials = Commons['partials'];

const MOST_TEXT = 100_000;
const MOST_PARTIALS = 1000;
/** The parts of a rule whose texts are templates. */
const TEMPLATED = new Set(['vars', 'idempotency_key', 'actions', 'on_failure']);

/**
 * The document with the text of each partial in the place of its `{{> name}}`, so that the text is checked, versioned and
 * frozen as if it stood in the rule. R022 for a partial that is not there, is broken, or leads back to itself.
 */
export function expandPartials(document: unknown, partials: Partials, report: Report): unknown {
  if (!isObject(document)) return document;
  const walk = (value: unknown, place: Place): unknown => {
    if (typeof value === 'string') return expandText(value, partials, place, report);
    if (Array.isArray(value)) return value.map((item, index) => walk(item, [...place, index]));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, walk(item, [...place, key])]));
  };
  return Object.fromEntries(
    Object.entries(document).map(([key, value]) => [key, TEMPLATED.has(key) ? walk(value, [key]) : value]),
  );
}

function expandText(text: string, partials: Partials, place: Place, report: Report): string {
  if (!text.includes('{{')) return text;
  try {
    return expanded(text, { partials, left: MOST_PARTIALS }, []);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    report('R022', messageOf(error), place);
    return withoutPartials(text);
  }
}

interface Expansion {
  partials: Partials;
  /** How many partials may still be written out. */
  left: number;
}

/** A text with its partials written out. Throws RuleError `rule.invalid` when one cannot be. */
function expanded(text: string, expansion: Expansion, trail: readonly string[]): string {
  let result = '';
  let from = 0;
  for (const { name, start, end } of partialsIn(text)) {
    expansion.left -= 1;
    const inner = textOf(name, expansion.partials, trail);
    result += text.slice(from, start) + expanded(inner, expansion, [...trail, name]);
    from = end;
    if (result.length > MOST_TEXT || expansion.left < 0)
      throw invalid(
        `With its partials the text has more than ${MOST_TEXT} characters or ${MOST_PARTIALS} partials. Shorten it.`,
      );
  }
  return result + text.slice(from);
}

/** A text with its partials cut out. */
export function withoutPartials(text: string): string {
  const found = partialsIn(text);
  const parts = found.map(({ start }, index) => text.slice(found[index - 1]?.end ?? 0, start));
  return parts.join('') + text.slice(found.at(-1)?.end ?? 0);
}

const invalid = (message: string) => new RuleError('rule.invalid', message);

function textOf(name: string, partials: Partials, trail: readonly string[]): string {
  if (trail.includes(name))
    throw invalid(
      `The partial "${name}" leads back to itself: ${[...trail, name].join(' > ')}. Take one of them out.`,
    );
  const text = partials.get(name);
  if (text === null)
    throw invalid(`The partial "${name}" cannot be used; correct templates/${name}.hbs first.`);
  if (text !== undefined) return text.replace(/\r?\n$/, '');
  const plain = name.replace(/^.*\/|\.hbs$/g, '');
  const hint = plain === name ? didYouMean(name, partials.keys()) : ` Write {{> ${plain}}}.`;
  throw invalid(`There is no partial "${name}"; it would stand in templates/${plain}.hbs.${hint}`);
}

interface PartialUse {
  name: string;
  start: number;
  end: number;
}

/** The partials of a text in order. One that is given something beside its name is left for the template check to refuse. */
function partialsIn(text: string): PartialUse[] {
  // What cannot be read is told by the check of the text itself.
  if (nestingProblem(text) !== null) return [];
  const starts = [0];
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1);
  const at = ({ line, column }: hbs.AST.Position) => (starts[line - 1] ?? 0) + column;
  const found: PartialUse[] = [];
  const visitor = new Handlebars.Visitor();
  visitor.PartialStatement = ({ name, params, hash, loc }: hbs.AST.PartialStatement) => {
    if (name.type !== 'PathExpression' || params.length > 0 || (hash as unknown) !== undefined) return;
    const { original } = name;
    found.push({ name: original, start: at(loc.start), end: at(loc.end) });
  };
  try {
    visitor.accept(Handlebars.parseWithoutProcessing(text));
  } catch {
    return [];
  }
  return found;
}
