import type { BrokenRule, CompiledRule } from './compiled-rule.js';
import { RuleBook } from './rule-book.js';

/**
 * `book` with the last good version of each broken rule, as far as it is among `known`. A file that cannot be read stands
 * for all the rules that it held. Pure.
 */
export function withLastGood(book: RuleBook, known: readonly CompiledRule[]): RuleBook {
  const named = new Set([...book.active.map(({ rule }) => rule.id), ...book.broken.map(({ id }) => id)]);
  const given = new Set<CompiledRule>();
  const take = (found: readonly CompiledRule[]) => {
    const fresh = found.filter((compiled) => !given.has(compiled));
    for (const compiled of fresh) given.add(compiled);
    return fresh;
  };
  const broken = book.broken.flatMap((rule): BrokenRule[] => {
    if (rule.id !== null) {
      const [lastGood] = take(known.filter((compiled) => compiled.rule.id === rule.id));
      return [lastGood === undefined ? rule : { ...rule, lastGood }];
    }
    const held = take(
      known.filter((compiled) => compiled.file === rule.file && !named.has(compiled.rule.id)),
    );
    if (held.length === 0) return [rule];
    return held.map((lastGood) => ({ ...rule, id: lastGood.rule.id, name: lastGood.rule.name, lastGood }));
  });
  return new RuleBook(book.active, broken);
}
