import { RE2JS } from 're2js';
import { RuleError, messageOf } from '../lib/errors.js';

/** Whether a text contains a match of the pattern. RE2 syntax: linear time on any input, no look-around. */
export type TextPattern = (text: string) => boolean;

/** In characters; a longer one takes seconds to be read. */
const LONGEST = 1_000;

/** Throws RuleError `rule.invalid` for a pattern that RE2 does not know, or that is too long. */
export function compilePattern(pattern: string, path: string): TextPattern {
  if (pattern.length > LONGEST)
    throw new RuleError(
      'rule.invalid',
      `${path}: the pattern has ${pattern.length} characters, and ${LONGEST} is the most. Shorten it, or write several tests below "any".`,
      { details: { path } },
    );
  try {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  } catch (cause) {
    throw new RuleError(
      'rule.invalid',
      `${path}: "${pattern}" is no regular expression that can be used (${messageOf(cause).replace(/^error parsing regexp: /, '')}). Correct it; look-around and back-references do not exist here.`,
      { cause, details: { path } },
    );
  }
}
