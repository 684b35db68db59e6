import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineAction, type ActionContext, type ActionResult } from '../../../src/act/action.js';
import { StoreError, UpstreamError } from '../../../src/lib/errors.js';
import { executeStep } from '../../../src/run/execute-step.js';

const write = { model: 'task', id: '5', etag: '"1"' };
const made: ActionResult = { output: { id: 5 }, writes: [write] };
const refused = new UpstreamError('clio.forbidden', 'No.', {
  retry: 'never',
  applied: 'no',
  status: 403,
  requestId: 'request-1',
});

interface Tried {
  execute?: () => Promise<ActionResult>;
  probe?: () => Promise<ActionResult | null>;
  open?: () => Promise<ActionContext>;
  inDoubt?: boolean;
  isStopping?: boolean;
}

/** One try, and what it asked of the action, in order. */
async function tried({
  execute = async () => made,
  probe,
  open,
  inDoubt = false,
  isStopping = false,
}: Tried) {
  const asked: string[] = [];
  const action = defineAction({
    name: 'test.make',
    summary: 'For tests.',
    input: z.strictObject({}),
    safety: 'check-first',
    text: {},
    output: new Map(),
    execute: () => (asked.push('execute'), execute()),
    ...(probe && { probe: () => (asked.push('probe'), probe()) }),
  });
  const signal = isStopping ? AbortSignal.abort() : new AbortController().signal;
  const opened = open ?? (() => Promise.resolve({} as ActionContext));
  return { execution: await executeStep(action, {}, opened, inDoubt, signal), asked };
}

describe('whether a try took effect', () => {
  it.each<[string, ActionResult, 'yes' | 'no']>([
    ['wrote', made, 'yes'],
    ['wrote nothing at Clio', { output: {}, writes: [] }, 'yes'],
    ['left all as it is', { output: {}, writes: [], leftAlone: 'Somebody changed it.' }, 'no'],
    ['left one alone and wrote another', { ...made, leftAlone: 'Somebody changed one.' }, 'yes'],
  ])('when it %s', async (_, result, applied) => {
    expect((await tried({ execute: async () => result })).execution).toMatchObject({
      applied,
      writes: result.writes,
      result: { ok: true, leftAlone: result.leftAlone },
    });
  });

  it('is for the error to say, which keeps what Clio answered', async () => {
    expect((await tried({ execute: () => Promise.reject(refused) })).execution).toEqual({
      result: {
        ok: false,
        failure: expect.objectContaining({ problem: { code: 'clio.forbidden', message: 'No.' } }) as unknown,
      },
      writes: [],
      adopted: false,
      applied: 'no',
      status: 403,
      requestId: 'request-1',
    });
  });
});

describe('a try after one that may have taken effect', () => {
  it('sends nothing when the effect is there', async () => {
    const probe = async () => ({ ...made, adopted: true });
    const { execution, asked } = await tried({ inDoubt: true, probe });
    expect(asked).toEqual(['probe']);
    expect(execution).toMatchObject({ adopted: true, applied: 'yes', writes: [write] });
  });

  it('is out of doubt once nothing was found, even when it is refused then', async () => {
    const refusing = () => Promise.reject(refused);
    const { execution, asked } = await tried({ inDoubt: true, probe: async () => null, execute: refusing });
    expect(asked).toEqual(['probe', 'execute']);
    expect(execution?.result).toMatchObject({ failure: { inDoubt: false } });
  });

  it.each<[string, Tried]>([
    ['it cannot look', { probe: () => Promise.reject(refused) }],
    [
      'it has nothing to look with',
      { probe: async () => null, open: () => Promise.reject(new StoreError('store.unavailable', 'No.')) },
    ],
  ])('stays in doubt when %s', async (_, how) => {
    const { execution, asked } = await tried({ ...how, inDoubt: true });
    expect(asked).not.toContain('execute');
    expect(execution?.result).toMatchObject({ failure: { inDoubt: true } });
  });

  it('does not look when no try is in doubt', async () => {
    expect((await tried({ probe: async () => made })).asked).toEqual(['execute']);
  });
});

it('leaves a try that the stop cut short to the next start', async () => {
  const execute = () => Promise.reject(refused);
  expect((await tried({ execute, isStopping: true })).execution).toBeNull();
  expect((await tried({ isStopping: true })).execution).toMatchObject({ applied: 'yes' });
});
