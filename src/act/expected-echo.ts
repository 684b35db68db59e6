import { catalog } from '../clio/catalog/catalog.js';
import type { JsonObject } from '../lib/json.js';
import type { Action, ExpectedEcho } from './action.js';

/**
 * How the event of the step's write will look, as far as it can be told beforehand; null when nothing is written at
 * Clio. Read from the action's name and input (`clio.task.create`, `matter: 77`) where the action does not say it.
 */
export function expectedEcho(action: Action, input: JsonObject): ExpectedEcho | null {
  const [owner, name = '', verb = ''] = action.name.split('.');
  if (owner !== 'clio') return null;
  if (action.echo !== undefined) return { ...UNTOLD, ...action.echo(input) };
  const model = Object.hasOwn(catalog.resources, name) ? name : null;
  const markedIn = action.markedIn ?? null;
  if (verb === 'create')
    return { model, isNew: true, recordId: null, matterId: idIn(input, 'matter'), markedIn };
  const recordId = idIn(input, name);
  return { ...UNTOLD, model, isNew: recordId === null ? null : false, recordId, markedIn };
}

const UNTOLD: ExpectedEcho = { model: null, isNew: null, recordId: null, matterId: null, markedIn: null };

function idIn(input: JsonObject, field: string): string | null {
  const value = input[field];
  return typeof value === 'number' ? String(value) : null;
}
