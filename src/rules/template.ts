import Handlebars from 'handlebars';
import { didYouMean } from '../lib/did-you-mean.js';
import { RuleError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { readPath } from '../lib/json.js';
import { plainText } from './plain-text.js';
import { calendarOf } from './calendar.js';
import { zoneOf } from './scope.js';
import { printable, templateBlocks, templateHelpers } from './template-helpers.js';
import type { HelperScope } from './template-helpers.js';
import type { TemplatePath } from './template-paths.js';
import { parseTemplate } from './template-syntax.js';
import type { ParsedTemplate, TemplateAnalysis, TemplateHelperUse } from './template-syntax.js';
import { MissingValue, Unknown } from './unknown.js';

/** A text with its paths filled in from the facts. */
export interface CompiledTemplate {
  paths: readonly TemplatePath[];
  helpers: readonly TemplateHelperUse[];
  /** True when the text is one expression and nothing else. */
  isSole: boolean;
  /**
   * Throws MissingValue when a path is missing or null, RuleError `rule.template_failed` when a helper cannot work
   * with a value or the text grows beyond 100,000 characters.
   */
  render(facts: JsonObject, notes?: Set<string>): string;
}

interface TemplateOptions {
  /** Escape for HTML; otherwise the text is written as it is. */
  html: boolean;
  /** Where the text stands in the rule, for messages: `actions/0/with/name`. */
  path: string;
}

const MAX_TEXT = 100_000;
const CACHED_TEXTS = 2_000;

/**
 * Handlebars' own `strict` sees neither null nor what blocks and helpers are given, and it breaks `default`: so every
 * path is wrapped in `$required` before the text is compiled, and prototypes stay out of reach.
 */
const engine = Handlebars.create();
const internals = ['$required', '$items', '$print'];
const knownHelpers = Object.fromEntries(
  [...templateHelpers.keys(), ...internals].map((name) => [name, true]),
);

interface HelperOptions {
  data: { scope: HelperScope };
}

function register(name: string, run: (args: readonly unknown[], scope: HelperScope) => unknown): void {
  engine.registerHelper(name, (...given: unknown[]) => {
    const { data } = given.at(-1) as HelperOptions;
    return run(given.slice(0, -1), data.scope);
  });
}

for (const [name, helper] of templateHelpers) {
  register(name, (args, scope) => helper.run(args, scope));
}

register('$required', ([value, path], { where }) => {
  if (value !== null && value !== undefined) return value;
  throw new MissingValue(new Unknown(value === null ? 'empty_value' : 'missing_value', String(path)), where);
});

register('$items', ([value], { where }) => {
  if (Array.isArray(value)) return value as unknown[];
  throw new RuleError('rule.template_failed', `${where}: "#each" takes a list. Use "#with" for a record.`);
});

register('$print', ([value], { where }) => printable(value, where));

/** The paths and helpers of a text, for the lint. Never throws. */
export function analyseTemplate(text: string): TemplateAnalysis {
  const { paths, helpers, doubts, isSole, error } = parseTemplate(text);
  return { paths, helpers, doubts, isSole, ...(error === undefined ? {} : { error }) };
}

interface CachedText {
  parsed: ParsedTemplate;
  render: Handlebars.TemplateDelegate;
}
const cache = new Map<string, CachedText>();

function compiled(text: string, { html, path }: TemplateOptions): CachedText {
  const key = `${html ? 'html' : 'text'}:${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parsed = parseTemplate(text);
  const problem = parsed.error?.message ?? unknownHelper(parsed.helpers);
  if (problem !== undefined)
    throw new RuleError('rule.invalid', `${path}: ${problem}`, { details: { path } });
  const options = { noEscape: !html, knownHelpersOnly: true, knownHelpers } as CompileOptions;
  const entry = { parsed, render: engine.compile(parsed.program, options) };
  for (const oldest of cache.keys()) {
    if (cache.size < CACHED_TEXTS) break;
    cache.delete(oldest);
  }
  cache.set(key, entry);
  return entry;
}

function unknownHelper(helpers: readonly TemplateHelperUse[]): string | undefined {
  const known = [...templateHelpers.keys(), ...templateBlocks];
  const stranger = helpers.find(({ name }) => !known.includes(name));
  return stranger && `there is no helper "${stranger.name}".${didYouMean(stranger.name, known)}`;
}

/**
 * Compiles a text once. Throws RuleError `rule.invalid` when it cannot be read, or uses a helper, a partial or braces
 * that rules do not have.
 */
export function compileTemplate(text: string, options: TemplateOptions): CompiledTemplate {
  const { parsed, render } = compiled(text, options);
  const { paths, helpers, isSole } = parsed;
  const plain = options.html ? undefined : plainText(parsed);
  const where = options.path;
  return {
    paths,
    helpers,
    isSole,
    render: (facts, notes) =>
      plain === undefined ? rendered(render, facts, where, notes) : bounded(plain(facts, where), where),
  };
}

function rendered(
  render: Handlebars.TemplateDelegate,
  facts: JsonObject,
  where: string,
  notes: Set<string> | undefined,
): string {
  const url = readPath(facts, 'event.clio_url');
  const clioUrl = typeof url === 'string' ? url : 'https://app.clio.com';
  const scope: HelperScope = { zone: zoneOf(facts), calendar: calendarOf(facts), notes, where, clioUrl };
  return bounded(render(facts, runtime(scope)), where);
}

function bounded(text: string, where: string): string {
  if (text.length <= MAX_TEXT) return text;
  throw new RuleError(
    'rule.template_failed',
    `${where}: the text has ${text.length} characters, and ${MAX_TEXT} is the most. Shorten it.`,
  );
}

function runtime(scope: HelperScope): Handlebars.RuntimeOptions {
  return {
    data: { scope },
    allowProtoPropertiesByDefault: false,
    allowProtoMethodsByDefault: false,
  };
}
