import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { parseTemplate } from './template-syntax.js';

/** Associations that many records share: their id names no record that the rule is about. */
const SHARED = new Set([
  'practice_area',
  'matter_stage',
  'user',
  'group',
  'task_type',
  'responsible_attorney',
  'originating_attorney',
  'assignee',
  'custom_field',
]);

/** R031: a key that holds for all records at once, or for no two events. */
export function lintKey({ idempotency_key: key }: Rule, uses: readonly PathUse[], report: Report): void {
  if (key === undefined) return;
  const paths = uses.filter(({ place }) => place[0] === 'idempotency_key').map(({ path }) => path);
  // What a formatted date leaves of a moment may well be the same for many events.
  const isFormatted = parseTemplate(key).helpers.some(({ name }) => name === 'date');
  const restless = paths.find((path) => !isFormatted && isRestless(path));
  if (restless !== undefined)
    report(
      'R031',
      `"${restless}" is another with every event, so the key stops nothing; take it out, or put in what may change once, such as a stage.`,
      ['idempotency_key'],
      'warning',
    );
  else if (!paths.some(namesRecord))
    report(
      'R031',
      key.includes('{{')
        ? 'The key names no record, so the rule acts once for all of them; add the id, such as {{event.record_id}}.'
        : 'The idempotency_key is the same text for every record, so the rule runs once and never again; put what it is once for into it: "{{matter.id}}".',
      ['idempotency_key'],
      'warning',
    );
}

/** A value that is another with every event. */
export function isRestless(path: string): boolean {
  return path === 'now' || path === 'event.received_at' || /^[a-z_]+\.(updated_at|etag)$/.test(path);
}

/** A var may hold anything. */
function namesRecord(path: string): boolean {
  const parts = path.split('.');
  const [root = ''] = parts;
  if (root === 'vars' || path === 'event.record_id' || path === 'event.id') return true;
  if (root === 'rule' || root === 'trigger' || root === 'run' || root === 'event') return false;
  return parts.at(-1) === 'id' && !SHARED.has(parts.at(-2) ?? '');
}
