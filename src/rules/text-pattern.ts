import { RE2JS } from 're2js';
import { RuleError, messageOf } from '../lib/errors.js';

/** Whether a text contains a match of the pattern. RE2 syntax: linear time on any input, no look-around. */
export type TextPattern = (text: string) => boolean;

/** Throws RuleError `rule.invalid` for a pattern that RE2 does not know. */
export function compilePattern(pattern: string, path: string): TextPattern {
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (cause) {
    throw new RuleError(
      'rule.invalid',
      `${path}: the pattern "${pattern}" is not RE2 syntax (${messageOf(cause)}). Correct it; look-around and back-references do not exist here.`,
      { cause, details: { path } },
    );
  }
}
