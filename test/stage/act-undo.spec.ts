import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActionResult, UndoResult } from '../../src/act/action.js';
import { Acting, actionNamed } from '../support/acting.js';

type Context = Parameters<Acting['context']>[0];

/** A Clio in which a step was done, and its undo with the answer to an earlier try lost. */
describe('an undo that is in doubt', () => {
  let firm: Acting;

  beforeEach(async () => {
    firm = await Acting.start();
  });
  afterEach(() => firm.stop());

  const undo = async (
    name: string,
    input: object,
    done: ActionResult,
    set?: Context,
  ): Promise<UndoResult> => {
    const action = actionNamed(name);
    const { output, writes } = done;
    const undone = action.undo?.({ input: action.input.parse(input), output, writes }, firm.context(set));
    return (await undone) as UndoResult;
  };
  const patches = () => firm.control.calls().filter(({ method }) => method === 'PATCH').length;
  const matter = () => firm.control.records('matter')[0];

  const pend = { matter: 1, status: 'Pending', description: 'By a rule' };
  const aChange = async () => {
    const done = await firm.execute('clio.matter.update', pend);
    firm.control.clearCalls();
    return { done, doubt: { inDoubt: true, remembered: { etag: done.writes[0]?.etag ?? null } } };
  };

  it('sends an update again that did not arrive', async () => {
    const { done, doubt } = await aChange();
    const undone = await undo('clio.matter.update', pend, done, doubt);
    expect(undone).toEqual({
      result: 'undone',
      writes: [{ model: 'matter', id: '1', etag: matter()?.['etag'] }],
    });
    expect(matter()).toMatchObject({ status: 'Open', description: 'Dissolution' });
  });

  it('claims an update that arrived, and sends nothing', async () => {
    const { done, doubt } = await aChange();
    await undo('clio.matter.update', pend, done);
    const etag = matter()?.['etag'];
    expect(await undo('clio.matter.update', pend, done, doubt)).toMatchObject({
      result: 'undone',
      writes: [{ etag }],
    });
    expect(patches()).toBe(1);
  });

  it('does not write over a person whom nobody can tell from it', async () => {
    const { done, doubt } = await aChange();
    firm.control.update('matter', 1, { description: 'By hand' });
    await expect(undo('clio.matter.update', pend, done, doubt)).rejects.toMatchObject({
      code: 'clio.precondition_failed',
      applied: 'maybe',
    });
    // A person has looked since, and says that it was not applied.
    expect(await undo('clio.matter.update', pend, done, { inDoubt: true })).toMatchObject({
      result: 'touched',
    });
    expect(matter()).toMatchObject({ description: 'By hand' });
  });

  const custom = { matter: 1, custom_fields: { 'Court date': '2026-12-01' } };
  it('knows custom field values that it took away', async () => {
    firm.control.create('custom_field', { name: 'Court date', parent_type: 'Matter', field_type: 'date' });
    const done = await firm.execute('clio.matter.update', custom);
    const doubt = { inDoubt: true, remembered: { etag: done.writes[0]?.etag ?? null } };
    await undo('clio.matter.update', custom, done);
    firm.control.clearCalls();
    expect(await undo('clio.matter.update', custom, done, doubt)).toMatchObject({ result: 'undone' });
    expect(patches()).toBe(0);
  });

  const task = { name: 'Call', matter: 1, assignee: 1 };
  it('knows the record that it was removing from one that a person removed', async () => {
    const done = await firm.execute('clio.task.create', task);
    const id = Number(done.output['id']);
    firm.control.remove('task', id);
    expect(await undo('clio.task.create', task, done)).toEqual({ result: 'gone', writes: [] });
    const remembered = { removing: [`tasks/${id}`] };
    expect(await undo('clio.task.create', task, done, { remembered })).toEqual({
      result: 'undone',
      writes: [{ model: 'task', id: String(id), etag: null, deleted: true }],
    });
  });

  it('removes what nobody touched, and names the rest', async () => {
    const made = [await firm.execute('clio.task.create', task), await firm.execute('clio.task.create', task)];
    const [first, second] = made.map(({ output }) => Number(output['id']));
    firm.control.update('task', first as number, { name: 'Call now' });
    const done = { output: {}, writes: made.flatMap(({ writes }) => writes) };
    const undone = await undo('clio.task.create', task, done);
    expect(undone).toMatchObject({ result: 'touched', writes: [{ id: String(second), deleted: true }] });
    expect(undone).toMatchObject({ message: expect.stringMatching(`task ${first} was changed`) });
    expect(firm.control.records('task').map(({ id }) => id)).toEqual([first]);
  });
});
