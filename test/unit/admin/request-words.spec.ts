import { describe, expect, it } from '@jest/globals';
import { BadRequestException } from '@nestjs/common';
import { z } from 'zod';
import { RequestPipe } from '../../../src/admin/request-words.js';

const schema = z.strictObject({
  record: z.string().min(1).max(9).describe('Kind and id: matter/123.'),
  days: z.int().min(1).max(90).optional(),
  note: z.string().min(3).optional(),
  mode: z.enum(['active', 'shadow']).optional(),
  ids: z.array(z.string()).min(1).max(2).optional(),
  of: z.strictObject({ id: z.string(), kind: z.literal('x') }).optional(),
  nothing: z.strictObject({}).optional(),
  time: z.iso.datetime({ error: 'write a time' }).optional(),
  big: z.bigint().optional(),
});

async function refusal(value: unknown): Promise<unknown> {
  const checked = new RequestPipe().transform(value, { type: 'body', schema });
  const error: unknown = await checked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BadRequestException)) return error;
  return (error.getResponse() as { message: string[] }).message;
}

describe('what is wrong with a request', () => {
  it.each<[unknown, string[]]>([
    [{}, ['record: it is missing. Kind and id: matter/123.']],
    [{ record: 7 }, ['record: it must be a text, not 7.']],
    [{ record: '' }, ['record: it must not be empty.']],
    [{ record: 'matter/1234' }, ['record: it must be 9 characters long at most.']],
    [
      { record: 'a', dasy: 1 },
      [
        'There is no field "dasy". Did you mean "days"? There are: record, days, note, mode, ids, of, nothing, time, big.',
      ],
    ],
    [{ record: 'a', days: '3' }, ['days: it must be a number, not "3".']],
    [{ record: 'a', days: 1.5 }, ['days: it must be a whole number, not 1.5.']],
    [{ record: 'a', days: 0 }, ['days: it must be 1 at least.']],
    [{ record: 'a', days: 91 }, ['days: it must be 90 at most.']],
    [{ record: 'a', note: 'ab' }, ['note: it must be 3 characters long at least.']],
    [{ record: 'a', mode: 'off' }, ['mode: it must be one of active, shadow, not "off".']],
    [{ record: 'a', ids: [] }, ['ids: it must not be empty.']],
    [{ record: 'a', ids: ['a', 'b', 'c'] }, ['ids: it must have 2 entries at most.']],
    [{ record: 'a', of: {} }, ['of.id: it is missing.', 'of.kind: it is missing; write one of x.']],
    [{ record: 'a', nothing: { a: 1 } }, ['nothing: There is no field "a". Leave it out.']],
    [{ record: 'a', time: 'soon' }, ['time: write a time']],
    [{ record: 'a', big: 1 }, ['big: it must be of the type bigint, not 1.']],
    [null, ['it must be an object, not null.']],
    [undefined, ['it is missing.']],
  ])('%j says what to write instead', async (value, words) => {
    expect(await refusal(value)).toEqual(words);
  });

  it('lets pass what fits, and what has no schema', async () => {
    const pipe = new RequestPipe();
    expect(await pipe.transform({ record: 'a' }, { type: 'body', schema })).toEqual({ record: 'a' });
    expect(await pipe.transform('as it is', { type: 'param' })).toBe('as it is');
  });
});
