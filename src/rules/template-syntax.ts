import Handlebars from 'handlebars';
import { messageOf, RuleError } from '../lib/errors.js';
import type { PathTest, TestWord } from './logic-uses.js';
import { calendarOf } from './calendar.js';
import { templateWords } from './template-words.js';
import { nestingProblem } from './text-bounds.js';
import { helperSamples, templateBlocks, templateHelpers } from './template-helpers.js';
import { RefusedSyntax, TemplatePaths } from './template-paths.js';
import type { TemplatePath } from './template-paths.js';

/** Lines and columns count from 1 within the text. */
export interface TemplateHelperUse {
  name: string;
  line: number;
  column: number;
}

export interface TemplateProblem {
  message: string;
  line: number;
  column: number;
}

/** What a text says, without rendering it. `paths` are complete from the roots, also inside `each` and `with`. */
export interface TemplateAnalysis {
  paths: TemplatePath[];
  /** Every word in the place of a helper or block, known or not. */
  helpers: TemplateHelperUse[];
  /** What can be rendered, and is hardly meant. */
  doubts: TemplateProblem[];
  /** True when the text is one expression and nothing else, as in `"{{matter.id}}"`. */
  isSole: boolean;
  /** The first thing that keeps the text from being rendered; an unknown helper is told by `helpers` alone. */
  error?: TemplateProblem;
}

/** `program` reads every path through `$required`, unless it stands where nothing is allowed. */
export interface ParsedTemplate extends TemplateAnalysis {
  program: hbs.AST.Program;
}

type Node = hbs.AST.Node;
/** What a helper in two braces and one in parentheses have in common. */
type Call = Node & Pick<hbs.AST.SubExpression, 'path' | 'params' | 'hash'>;

/** Reads a text and resolves its paths. Never throws: what is wrong is in `error`. */
export function parseTemplate(text: string): ParsedTemplate {
  const walk = new Walk();
  const { helpers, doubts } = walk;
  const paths = walk.paths.found;
  try {
    const tooDeep = nestingProblem(text);
    if (tooDeep !== null) throw new RuleError('rule.invalid', tooDeep);
    const source = Handlebars.parseWithoutProcessing(text);
    const isSole = source.body.length === 1 && source.body[0]?.type === 'MustacheStatement';
    return { program: walk.program(source), paths, helpers, doubts, isSole };
  } catch (thrown) {
    const error = thrown instanceof RuleError ? problemOf(thrown) : syntaxProblem(text, thrown);
    return { program: Handlebars.parseWithoutProcessing(''), paths, helpers, doubts, error, isSole: false };
  }
}

function placeOf({ loc: { start } }: Node): { line: number; column: number } {
  return { line: start.line, column: start.column + 1 };
}

function problemOf(thrown: RuleError): TemplateProblem {
  const { message } = thrown;
  return thrown instanceof RefusedSyntax
    ? { message, line: thrown.line, column: thrown.column }
    : { message: `the text cannot be read as a template: ${message}`, line: 1, column: 1 };
}

function syntaxProblem(text: string, thrown: unknown): TemplateProblem {
  const { message, line } = templateWords(text, messageOf(thrown));
  return { message: `the text cannot be read as a template: ${message}`, line, column: 1 };
}

/** Walks a syntax tree once: notes paths and helpers, refuses what rules may not use, rewrites the rest. */
class Walk {
  readonly paths = new TemplatePaths();
  readonly helpers: TemplateHelperUse[] = [];
  readonly doubts: TemplateProblem[] = [];

  program(program: hbs.AST.Program): hbs.AST.Program {
    return { ...program, body: program.body.map((statement) => this.statement(statement)) };
  }

  private statement(statement: Node): Node {
    switch (statement.type) {
      case 'MustacheStatement':
        return this.mustache(statement as hbs.AST.MustacheStatement);
      case 'BlockStatement':
        return this.block(statement as hbs.AST.BlockStatement);
      case 'ContentStatement':
      case 'CommentStatement':
        return statement;
      default:
        throw new RefusedSyntax(
          'A partial is written {{> name}}, with nothing but its name; decorators do not exist here. Write the text out.',
          statement,
        );
    }
  }

  private mustache(mustache: hbs.AST.MustacheStatement): Node {
    if (!mustache.escaped) {
      throw new RefusedSyntax('Three braces, or {{&, would switch off escaping. Write two braces.', mustache);
    }
    const path = mustache.path as hbs.AST.PathExpression;
    const isCall = mustache.params.length > 0 || this.isHelper(path);
    const value = isCall ? this.call(mustache as Call, false) : this.expression(path, false);
    return { ...mustache, ...internal('$print', mustache, [value]) };
  }

  /** A bare word that is a helper's, and not a name of `as |x|` or `this.x`. */
  private isHelper({ type, original, parts }: hbs.AST.PathExpression): boolean {
    return (
      type === 'PathExpression' &&
      parts[0] === original &&
      templateHelpers.has(original) &&
      !this.paths.isName(original)
    );
  }

  private expression(node: Node, allowsNothing: boolean, test?: PathTest): Node {
    if (node.type === 'SubExpression') return this.call(node as Call, allowsNothing);
    if (node.type !== 'PathExpression') return node;
    const path = node as hbs.AST.PathExpression;
    this.paths.note(path, allowsNothing, test);
    return allowsNothing ? path : subExpression('$required', path, [path, literal(path.original, path)]);
  }

  private call(call: Call, allowsNothing: boolean): Node {
    const name = this.wordOf(call);
    if (templateBlocks.has(name))
      throw new RefusedSyntax(`"${name}" opens a block. Write {{#${name} … }}.`, call);
    const { min, max, nothing } = templateHelpers.get(name) ?? unknownHelper;
    const count = call.params.length;
    if (count < min || count > max) {
      const range = max === min ? min : `${min} to ${max}`.replace('to Infinity', 'or more');
      const example = helperSamples.get(name)?.example ?? `{{${name} …}}`;
      const isCurly = call.params.some((param) =>
        /[“”„‘’]/.test(String((param as hbs.AST.PathExpression).original)),
      );
      const remedy = isCurly ? `Write straight quotes, as in ${example}` : `Write it as in ${example}`;
      throw new RefusedSyntax(`"${name}" takes ${range} arguments, and gets ${count}. ${remedy}.`, call);
    }
    checkLiterals(name, call.params);
    if (name === 'plural' && isCountLast(call.params))
      this.doubts.push({
        message: `"plural" takes the count first, and here a word is; write {{plural count 'page' 'pages'}}.`,
        ...placeOf(call),
      });
    if (name === 'join') this.noteEntries(call.params);
    const allows = nothing === 'inherited' ? allowsNothing : nothing === 'allowed';
    const params = call.params.map((param, index) =>
      this.expression(param, allows, testOf(name, index, call.params)),
    );
    return { ...call, type: 'SubExpression', params } as Node;
  }

  private noteEntries([list, key]: readonly Node[]): void {
    if (list?.type !== 'PathExpression' || key?.type !== 'StringLiteral') return;
    this.paths.noteEntries(list as hbs.AST.PathExpression, (key as hbs.AST.StringLiteral).value);
  }

  /** The word in the place of a helper. One that does not exist is noted like the others: the lint names them all. */
  private wordOf({ path, hash, ...node }: Omit<Call, 'params'>): string {
    const name = String(path.original);
    this.helpers.push({ name, ...placeOf(node) });
    if ((hash as hbs.AST.Hash | undefined) === undefined) return name;
    throw new RefusedSyntax(`"${name}" takes no named arguments. Give them in order.`, hash);
  }

  private block(block: hbs.AST.BlockStatement): Node {
    const word = String(block.path.original);
    if (word.includes('.'))
      throw new RefusedSyntax(
        `"${word}" is a path and opens no block. Write {{#each ${word}}} … {{/each}} where it is a list, {{#with ${word}}} … {{/with}} where it is a record, or {{#if ${word}}} … {{/if}}.`,
        block,
      );
    const name = this.wordOf(block);
    if (templateHelpers.has(name))
      throw new RefusedSyntax(
        `"${name}" opens no block. Write ${TRUTHS.has(name) ? `{{#if (${name} …)}} … {{/if}}` : `{{${name} … }}`}.`,
        block,
      );
    const [subject, ...others] = block.params;
    const [program, inverse] = [block.program, block.inverse] as (hbs.AST.Program | undefined)[];
    if (subject === undefined || others.length > 0 || program === undefined) {
      const first = subject?.type === 'PathExpression' ? (subject as hbs.AST.PathExpression).original : '';
      const remedy = templateHelpers.has(first) ? `Write {{#${name} (${first} …)}}.` : `Correct "${name}".`;
      throw new RefusedSyntax(`A block is written {{#if value}} … {{/if}}, with one value. ${remedy}`, block);
    }
    const isTest = name === 'if' || name === 'unless';
    const value = this.expression(subject, isTest);
    const inner = this.paths.inside(name, subject, program.blockParams ?? [], () => this.program(program));
    return {
      ...block,
      params: [name === 'each' ? subExpression('$items', subject, [value]) : value],
      program: inner,
      inverse: inverse === undefined ? undefined : this.program(inverse),
    } as Node;
  }
}

/** What the arguments of a helper must be; those that compare, with what. */
const ASKS: ReadonlyMap<string, TestWord> = new Map([
  ['eq', 'compare'],
  ['ne', 'compare'],
  ['gt', 'gt'],
  ['gte', 'gte'],
  ['lt', 'lt'],
  ['lte', 'lte'],
  ['date', 'date'],
  ['money', 'number'],
]);

function testOf(name: string, index: number, params: readonly Node[]): PathTest | undefined {
  const operator = ASKS.get(name);
  const isFirstAlone = operator === 'date' || operator === 'number';
  if (operator === undefined || (isFirstAlone && index > 0)) return undefined;
  const others = isFirstAlone ? [] : params.filter((_, place) => place !== index);
  return { operator, called: name, values: others.flatMap(literalIn) };
}

function literalIn(node: Node): unknown[] {
  if (node.type === 'NullLiteral') return [null];
  const isLiteral = /^(String|Number|Boolean)Literal$/.test(node.type);
  return isLiteral ? [(node as hbs.AST.StringLiteral).value] : [];
}

/** `{{plural 'page' 'pages' matter.id}}`, or the two words without a count. */
function isCountLast([first, second, third]: readonly Node[]): boolean {
  if (first?.type !== 'StringLiteral' || second === undefined) return false;
  const { value } = first as hbs.AST.StringLiteral;
  const isWord = Number.isNaN(Number(value));
  return isWord && (literalIn(second)[0] === `${value}s` || third?.type === 'PathExpression');
}

const unknownHelper = { min: 0, max: Number.POSITIVE_INFINITY, nothing: 'allowed' } as const;

/** The helpers that say yes or no. */
const TRUTHS: ReadonlySet<string> = new Set([
  'exists',
  'eq',
  'ne',
  'gt',
  'gte',
  'lt',
  'lte',
  'and',
  'or',
  'not',
]);

/** What is written out is tried when the rule is read, beside what would fit in the place of paths. */
function checkLiterals(name: string, params: readonly Node[]): void {
  const literals = params.map(literalIn);
  const { args = [] } = helperSamples.get(name) ?? {};
  if (args.length === 0 || literals.every(({ length }) => length === 0)) return;
  const given = literals.map(([value], index) => (value === undefined ? args[index] : value));
  try {
    templateHelpers.get(name)?.run(given, { where: '', zone: 'UTC', calendar: calendarOf({}), clioUrl: '' });
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const at = params.find((_, index) => literals[index]?.length !== 0);
    throw new RefusedSyntax(error.message.replace(/^: /, ''), at ?? (params[0] as Node));
  }
}

function internal(
  name: string,
  { loc }: Node,
  params: Node[],
): Pick<hbs.AST.SubExpression, 'path' | 'params'> {
  return {
    path: { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc },
    params,
  };
}

function subExpression(name: string, node: Node, params: Node[]): Node {
  return { type: 'SubExpression', loc: node.loc, ...internal(name, node, params) };
}

function literal(value: string, { loc }: Node): Node {
  return { type: 'StringLiteral', value, original: value, loc } as Node;
}
