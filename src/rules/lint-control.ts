import { isRestless } from './lint-key.js';
import { KEYED } from './control.js';
import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { parseTemplate } from './template-syntax.js';
import { eventsOf } from './trigger.js';

/** R031: a `debounce` that nothing comes to, and a key of `debounce`, `concurrency` or `throttle` that no two events share joins nothing. */
export function lintControl(rule: Rule, uses: readonly PathUse[], report: Report): void {
  if (rule.debounce !== undefined && eventsOf(rule).length === 0)
    report(
      'R031',
      'What starts by the clock or by hand is decided at once, and by no event, so "debounce" does nothing; take it out.',
      ['debounce'],
      'warning',
    );
  for (const word of KEYED) {
    const key = rule[word]?.key;
    if (key === undefined || parseTemplate(key).helpers.some(({ name }) => name === 'date')) continue;
    const restless = uses.find(
      ({ place, path }) =>
        place[0] === word && place[1] === 'key' && (isRestless(path) || path === 'event.id'),
    );
    if (restless !== undefined)
      report(
        'R031',
        `"${restless.path}" is another with every event, so no two events share the key and "${word}" does nothing; name what they share, such as {{event.record_id}}.`,
        [word, 'key'],
        'warning',
      );
  }
}
