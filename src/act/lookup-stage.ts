import type { ClioRecord } from '../clio/clio.client.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { isObject } from '../lib/json.js';
import type { ActionContext } from './action.js';
import { lookup, noMatch } from './lookup-list.js';

/**
 * The id of the stage called `name` in the practice area of `matter` (read with `practice_area{id,name}`). Stages of
 * different practice areas may share a name. Throws UpstreamError `clio.no_match`.
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
  const stage = await lookup(
    list,
    (stages) => stages.find((candidate) => candidate.name === name),
    (stages) => {
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
