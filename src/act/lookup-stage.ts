import type { ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { UpstreamError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { lookup, noMatch } from './lookup-list.js';

/**
 * The id of the stage called `name` in the practice area of `matter` (read with `practice_area{id,name}`). Stages of
 * different practice areas may share a name. Throws UpstreamError `clio.no_match` or `clio.ambiguous`.
 */
export async function lookupStage(name: string, matter: ClioRecord, context: ActionContext): Promise<number> {
  const area = matter.practice_area;
  if (!isObject(area) || typeof area.id !== 'number') {
    throw noMatch(
      `Matter ${matter.id} has no practice area, and stages belong to one, so it cannot go to the stage "${name}". ` +
        `Set the matter's practice area in Clio.`,
      { matter: matter.id, stage: name },
    );
  }
  const list = { path: 'matter_stages', query: { practice_area_id: area.id, fields: 'id,name' } };
  const named = (stages: readonly ClioRecord[]) => stages.filter((candidate) => candidate.name === name);
  const stage = await lookup(
    list,
    (stages) => (named(stages).length === 1 ? named(stages)[0] : undefined),
    (stages) => {
      const hits = named(stages).map(({ id }) => id);
      if (hits.length > 1) return ambiguous(name, String(area.name), hits);
      const names = stages.map((candidate) => String(candidate.name));
      return noMatch(
        `The practice area ${String(area.name)} of matter ${matter.id} has no stage "${name}".${didYouMean(name, names)} ` +
          `It has: ${names.join(', ')}.`,
        { matter: matter.id, stage: name },
      );
    },
    context,
  );
  return Number(stage.id);
}

function ambiguous(name: string, area: string, ids: readonly (number | string)[]): UpstreamError {
  return new UpstreamError(
    'clio.ambiguous',
    `The practice area ${area} has ${ids.length} stages "${name}" (ids ${ids.join(', ')}). Rename all but one of them in Clio.`,
    { retry: 'never', applied: 'no', details: { stage: name, ids } },
  );
}
