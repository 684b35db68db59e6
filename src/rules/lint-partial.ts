import type { Diagnostic } from './diagnostic.js';
import { withoutPartials } from './expand-partials.js';
import { analyseTemplate } from './template.js';
import { strangeHelper } from './template-helpers.js';

/** R022: what is wrong with the text of a partial wherever it is used. Its paths are checked with each rule that uses it. */
export function lintPartial(file: string, text: string): Diagnostic[] {
  const { helpers, error } = analyseTemplate(withoutPartials(text));
  const problems = helpers.flatMap(({ name, ...place }) => {
    const message = strangeHelper(name);
    return message === null ? [] : [{ message, ...place }];
  });
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
