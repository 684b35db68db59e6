import { didYouMean } from '../lib/did-you-mean.js';
import type { Diagnostic } from './diagnostic.js';
import { withoutPartials } from './expand-partials.js';
import { analyseTemplate } from './template.js';
import { templateBlocks, templateHelpers } from './template-helpers.js';

/** R022: what is wrong with the text of a partial wherever it is used. Its paths are checked with each rule that uses it. */
export function lintPartial(file: string, text: string): Diagnostic[] {
  const known = [...templateHelpers.keys(), ...templateBlocks];
  const { helpers, error } = analyseTemplate(withoutPartials(text));
  const problems = helpers
    .filter(({ name }) => !known.includes(name))
    .map(({ name, ...place }) => ({
      message: `There is no helper "${name}".${didYouMean(name, known)}`,
      ...place,
    }));
  return [...problems, ...(error === undefined ? [] : [error])].map(({ message, line, column }) => ({
    code: 'R022',
    severity: 'error',
    message,
    file,
    line,
    column,
    path: '',
  }));
}
