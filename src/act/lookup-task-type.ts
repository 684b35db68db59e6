import { z } from 'zod';
import type { ActionContext } from './action.js';
import { didYouMean } from '../lib/did-you-mean.js';
import { recordId } from './input-fields.js';
import { lookup, noMatch } from './lookup-list.js';

export const taskType = z.union([recordId, z.strictObject({ name: z.string().min(1) })]);

/** The id of an enabled task type. Throws UpstreamError `clio.no_match` with the names there are. */
export async function lookupTaskType(
  wanted: z.infer<typeof taskType>,
  context: ActionContext,
): Promise<number> {
  if (typeof wanted === 'number') return wanted;
  const list = { path: 'task_types', query: { enabled: true, fields: 'id,name' } };
  const found = await lookup(
    list,
    (types) => types.find((type) => type.name === wanted.name),
    (types) => {
      const names = types.map((type) => String(type.name));
      return noMatch(
        `Clio has no enabled task type "${wanted.name}".${didYouMean(wanted.name, names)} It has: ${names.join(', ')}.`,
        { task_type: wanted.name },
      );
    },
    context,
  );
  return Number(found.id);
}
