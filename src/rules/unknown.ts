import { RuleError } from '../lib/errors.js';

/**
 * Why a test has no answer. `missing_value`: no such key. `empty_value`: Clio says null. `no_baseline`: what it was
 * before is not known. `no_such_field`: the firm has no such custom field, or two. `not_a_date`: one side is a date, the other cannot be read as one. `wrong_type`: the operator
 * cannot work on such a value. `too_large`: a list or text beyond the bounds of the language. `not_seen_long_enough`: the
 * field has been so since before anybody looked, and nobody knows for how long. `not_looked_up`: a lookup that was not read.
 */
export type UnknownReason =
  | 'missing_value'
  | 'empty_value'
  | 'no_baseline'
  | 'no_such_field'
  | 'not_a_date'
  | 'wrong_type'
  | 'too_large'
  | 'not_seen_long_enough'
  | 'not_looked_up';

/** A value that is not known, with the path that is to blame (`''` when no single path is). Never true, never false. */
export class Unknown {
  constructor(
    readonly reason: UnknownReason,
    readonly path: string,
  ) {}

  /** Whether there is simply nothing: the operators made for that have an answer to it. */
  get isGap(): boolean {
    return this.reason === 'missing_value' || this.reason === 'empty_value';
  }

  /** What is wrong with the path, for people: `matter.client.name is empty`. */
  get sentence(): string {
    return `${this.path === '' ? 'a value' : this.path} ${sentences[this.reason]}`;
  }
}

/** What a reason alone says, for people: `a value is missing`; undefined for a text that is no such reason. */
export function unknownSentence(reason: string): string | undefined {
  return Object.hasOwn(sentences, reason) ? new Unknown(reason as UnknownReason, '').sentence : undefined;
}

/** Which of several unknowns is to blame: the one that says that it might have been otherwise, else the first. */
export function toBlame(unknowns: readonly Unknown[]): Unknown | undefined {
  return unknowns.find(({ reason }) => reason === 'no_baseline') ?? unknowns[0];
}

const sentences: Record<UnknownReason, string> = {
  missing_value: 'is missing',
  empty_value: 'is empty',
  no_such_field: 'is no custom field that the firm has, or has just once',
  no_baseline: 'was never seen before, so nobody knows what it was',
  not_a_date: 'cannot be read as a date',
  wrong_type: 'has a type that this test cannot work on',
  too_large: 'is larger than a rule may handle',
  not_seen_long_enough: 'has not been looked at for that long, so nobody knows since when it is so',
  not_looked_up: 'was not looked up',
};

/** The reasons that a decision has: people tell what is empty from what is missing, and it does not. */
export const unknownReasons: readonly string[] = Object.keys(sentences).filter(
  (reason) => reason !== 'empty_value',
);

/** A text or value of a rule could not be made because something it needs is not known. */
export class MissingValue extends RuleError {
  constructor(
    readonly unknown: Unknown,
    where: string,
  ) {
    super(
      'rule.template_failed',
      `${where}: ${unknown.sentence}. Say what to write instead with {{default … }}, or test for it with ` +
        `{{#if (exists …)}} or a condition${where.startsWith('with/') ? ', or set omit_null on the step' : ''}.`,
      { details: { missing: unknown.path, reason: unknown.reason } },
    );
  }
}
