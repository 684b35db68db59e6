import { groundedPaths } from './ground-path.js';
import type { PathUse } from './path-uses.js';
import type { Report } from './read-documents.js';
import type { Rule } from './rule.js';
import { namedModels } from './trigger.js';
import { stepsOf } from './step-tree.js';

/** What may be privileged: by the record it belongs to. */
const PRIVILEGED: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['note', new Set(['detail'])],
  ['communication', new Set(['body'])],
  ['document', new Set(['name', 'filename'])],
]);

/** Where more people read than may read the source. */
const OPEN_TO_MANY =
  /^(clio\.(task|calendar_entry|bill|conversation_message)\.|(email\.send|notify\.owner|http\.request)$)/;

/** R023: privileged text that a step copies to where others read it, also by way of vars. */
export function lintPrivilege(rule: Rule, uses: readonly PathUse[], report: Report): void {
  const grounded = groundedPaths(rule, uses);
  const privileged = new Set(uses.filter((_, index) => isPrivileged(grounded[index] ?? '', rule)));
  const held = new Map<string, string>();
  const sourceOf = (use: PathUse) => held.get(use.path) ?? (privileged.has(use) ? use.path : undefined);
  for (const name of Object.keys(rule.vars))
    for (const use of uses) {
      const source = use.place[0] === 'vars' && use.place[1] === name ? sourceOf(use) : undefined;
      if (source !== undefined) held.set(`vars.${name}`, source);
    }
  const steps = stepsOf(rule);
  const told = new Set<string>();
  for (const use of uses) {
    const { place, step } = use;
    const reader = step === undefined ? undefined : steps[step];
    const isInput = reader !== undefined && place[reader.place.length] === 'with';
    const action = isInput && 'action' in reader.spec ? reader.spec.action : '';
    const source = OPEN_TO_MANY.test(action) ? sourceOf(use) : undefined;
    const key = `${String(step)}:${source ?? ''}`;
    if (source === undefined || told.has(key)) continue;
    told.add(key);
    report(
      'R023',
      `"${source}" may be privileged, and ${action} copies it to where others read it; name the record instead, by its id or a link.`,
      place,
      'warning',
    );
  }
}

function isPrivileged(path: string, rule: Rule): boolean {
  const parts = path.split('.').filter((part) => !/^\d+$/.test(part));
  const field = parts.at(-1) ?? '';
  return ownersOf(parts, rule).some((one) => PRIVILEGED.get(one)?.has(field) === true);
}

/** The records that a field may be of. */
function ownersOf(parts: readonly string[], rule: Rule): string[] {
  const owner = parts.at(-2) ?? '';
  if (owner === 'previous') return namedModels(rule);
  // `lookups.notes.first.detail`
  const lookups = new Map(Object.entries(rule.lookups));
  if (parts[0] === 'lookups' && parts.length === 4) return [lookups.get(parts[1] ?? '')?.resource ?? ''];
  return [owner === 'latest_document_version' ? 'document' : owner.replace(/s$/, '')];
}
