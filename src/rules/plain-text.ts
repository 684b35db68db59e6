import { MissingValue, Unknown } from './unknown.js';
import { printable } from './template-helpers.js';
import type { ParsedTemplate } from './template-syntax.js';

type Part = string | { keys: readonly string[]; path: string };
type Render = (facts: unknown, where: string) => string;

/**
 * Renders a text that is nothing but words and paths, as most keys and names are, without the machinery that helpers
 * and blocks need; undefined for any other text. It gives what the machinery would give.
 */
export function plainText({ program }: Pick<ParsedTemplate, 'program'>): Render | undefined {
  const parts = program.body.map(partOf);
  if (parts.includes(undefined)) return undefined;
  return (facts, where) => {
    let text = '';
    for (const part of parts as Part[]) text += typeof part === 'string' ? part : written(facts, part, where);
    return text;
  };
}

function partOf(statement: hbs.AST.Statement): Part | undefined {
  if (statement.type === 'ContentStatement') return (statement as hbs.AST.ContentStatement).value;
  if (statement.type !== 'MustacheStatement') return undefined;
  const [required] = (statement as hbs.AST.MustacheStatement).params as Partial<hbs.AST.SubExpression>[];
  const [path] = (required?.params ?? []) as Partial<hbs.AST.PathExpression>[];
  const isPath = required?.path?.original === '$required';
  if (!isPath || path?.depth !== 0 || path.data === true || path.parts === undefined) return undefined;
  return path.parts.length === 0 ? undefined : { keys: path.parts, path: path.original ?? '' };
}

function written(facts: unknown, { keys, path }: Exclude<Part, string>, where: string): string {
  let value = facts;
  for (const key of keys) {
    if (value === null || value === undefined) break;
    value = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
  }
  if (value !== null && value !== undefined) return printable(value, where);
  throw new MissingValue(new Unknown(value === null ? 'empty_value' : 'missing_value', path), where);
}
