import { z } from 'zod';
import type { ClioRecord } from '../clio/clio.client.js';
import { InvariantError, UpstreamError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { defineAction, type ActionResult } from './action.js';
import type { Findings } from './check-attributes.js';
import { checkRequest, requestable } from './check-request.js';
import { changedRecord, newRecord } from './expected-echo.js';

const value = z.union([z.string(), z.number(), z.boolean()]);

const request = z.strictObject({
  method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']).describe('What to do.'),
  resource: z.string().describe('The kind of record: `task`, `reminder`, `bill`.'),
  id: z
    .union([z.int().positive(), z.string().regex(/^\d+$/, 'must be the id of a record')])
    .optional()
    .describe('Which record; needed for PATCH and DELETE.'),
  attributes: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('For POST and PATCH: what to write, by the names of Clio.'),
  filters: z
    .record(z.string(), z.union([value, z.array(value)]))
    .optional()
    .describe('For GET without an id: which records, by the filters of Clio.'),
  fields: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe('What to give back: `id,name,matter{id,description}`; `id,etag` when left out.'),
  limit: z
    .int()
    .min(1)
    .max(200)
    .optional()
    .describe('For GET without an id: at most so many records; 50 when left out.'),
  if_match: z
    .string()
    .min(1)
    .optional()
    .describe('For PATCH: the etag the record must still have, for example `{{matter.etag}}`.'),
});

const input = request.superRefine((wanted, context) => {
  const findings: Findings = { isComputed: () => false, problems: [] };
  checkRequest(wanted, findings);
  for (const { path, message } of findings.problems)
    context.addIssue({ code: 'custom', path: [...path], message });
});

const LIMIT = 50;

/**
 * Any other call of Clio's API that its catalog knows. A POST, and a PATCH against no version, is never repeated without a
 * person's word; reading, deleting, and writing against a version may run again.
 */
export const clioRequest = defineAction({
  name: 'clio.request',
  summary: "Makes any other call of Clio's API, checked against its catalog when the rule is read.",
  input,
  safety: 'once',
  safetyOf: ({ method, if_match }) =>
    method === 'GET' || method === 'DELETE' || if_match !== undefined ? 'repeatable' : 'once',
  echo: ({ method, resource, id }) => {
    if (method === 'GET') return [];
    return [method === 'POST' ? newRecord(resource) : changedRecord(resource, id)];
  },
  lint(given, isComputed) {
    const findings: Findings = { isComputed, problems: [] };
    checkRequest(given, findings);
    return findings.problems;
  },
  text: { attributes: 'plain', filters: 'plain', if_match: 'plain' },
  output: new Map([
    ['id', { type: 'integer' }],
    ['etag', { type: 'text' }],
    ['record', { type: 'object', open: true }],
    ['records', { type: 'list', open: true }],
    ['count', { type: 'integer' }],
  ]),

  async execute(wanted, { clio, signal, inDoubt }) {
    const facts = requestable(wanted.resource);
    if (facts === undefined)
      throw new InvariantError(`clio.request was let through to "${wanted.resource}".`);
    const { attributes, filters } = checkRequest(wanted, { isComputed: () => false, problems: [] });
    const { name: model, path } = facts;
    const one = `${path}/${wanted.id}`;
    const fields = wanted.fields ?? ('etag' in facts.fields ? 'id,etag' : 'id');
    switch (wanted.method) {
      case 'GET': {
        if (wanted.id !== undefined) return found([await clio.get(one, { fields }, signal)]);
        const limit = Math.min(wanted.limit ?? LIMIT, facts.maxLimit);
        return found((await clio.page(path, { ...filters, fields, limit }, null, signal)).records);
      }
      case 'POST':
        return madeOf(model, await clio.create(path, attributes, { fields, signal }));
      case 'PATCH': {
        const guard = wanted.if_match === undefined ? {} : { ifMatch: wanted.if_match };
        return madeOf(model, await clio.update(one, attributes, { fields, signal, ...guard }));
      }
      case 'DELETE':
        return removed({ model, id: String(wanted.id) }, () => clio.remove(one, signal), inDoubt);
    }
  },
});

function found(records: readonly ClioRecord[]): ActionResult {
  const [first] = records;
  const output = { ...headOf(first), records: records as unknown as JsonObject[], count: records.length };
  return { output, writes: [] };
}

function madeOf(model: string, record: ClioRecord): ActionResult {
  const output = { ...headOf(record), records: [record as JsonObject], count: 1 };
  return { output, writes: [{ model, id: String(record.id), etag: record.etag ?? null }] };
}

function headOf(record: ClioRecord | undefined): JsonObject {
  return {
    id: record?.id ?? null,
    etag: record?.etag ?? null,
    record: (record as JsonObject | undefined) ?? null,
  };
}

/** After a lost answer a record that is not there any more is one that this step removed. */
async function removed(
  record: { model: string; id: string },
  remove: () => Promise<void>,
  inDoubt: boolean,
): Promise<ActionResult> {
  const nothing = { ...headOf(undefined), records: [], count: 0 };
  const writes = [{ ...record, etag: null, deleted: true as const }];
  try {
    await remove();
    return { output: nothing, writes };
  } catch (error) {
    const isGone = error instanceof UpstreamError && error.code === 'clio.not_found';
    if (!isGone || !inDoubt) throw error;
    return { output: nothing, writes, adopted: true };
  }
}
