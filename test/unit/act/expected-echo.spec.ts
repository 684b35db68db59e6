import { describe, expect, it } from '@jest/globals';
import { defineAction, type Action } from '../../../src/act/action.js';
import { actions } from '../../../src/act/catalog.js';
import { expectedEcho } from '../../../src/act/expected-echo.js';

const named = (name: string, set: Partial<Action> = {}) =>
  defineAction({ ...(actions.get('log.write') as Action), name, ...set });
const nothing = { isNew: null, recordId: null, matterId: null, markedIn: null };

describe('the echo to be expected of', () => {
  it('a create is a new record of the matter', () => {
    expect(expectedEcho(actions.get('clio.task.create') as Action, { name: 'Call', matter: 77 })).toEqual({
      model: 'task',
      isNew: true,
      recordId: null,
      matterId: '77',
      markedIn: 'description',
    });
  });

  it('a change is the record that the input names', () => {
    const update = actions.get('clio.matter.update') as Action;
    expect(expectedEcho(update, { matter: 77 })).toEqual({
      ...nothing,
      model: 'matter',
      isNew: false,
      recordId: '77',
    });
  });

  it('what names its record otherwise may be any of the model', () => {
    expect(expectedEcho(named('clio.task.complete'), { task: { name: 'Call' } })).toEqual({
      ...nothing,
      model: 'task',
    });
  });

  it('a verb about something that Clio does not report may be anything', () => {
    expect(expectedEcho(named('clio.meeting.create'), {})).toMatchObject({ model: null, isNew: true });
  });

  it('an action that says it itself is what it says', () => {
    const action = named('clio.matter.apply', { echo: () => ({ model: 'task', isNew: true }) });
    expect(expectedEcho(action, { matter: 77 })).toEqual({ ...nothing, model: 'task', isNew: true });
  });

  it('an action that writes nothing at Clio is none', () => {
    expect(expectedEcho(named('log.write'), {})).toBeNull();
  });

  it('every action of ours is about a model that is known, but for the call of anything', () => {
    const vague = [...actions.values()].filter(
      (action) => expectedEcho(action, { matter: 77 })?.model === null,
    );
    expect(vague.map(({ name }) => name)).toEqual(['clio.request']);
  });

  it.each([
    ['clio.time_entry.create', { model: 'activity', isNew: true, matterId: '77', markedIn: 'note' }],
    ['clio.expense_entry.create', { model: 'activity', isNew: true, matterId: '77', markedIn: 'note' }],
    ['clio.task_list.assign', { model: 'task', isNew: true, matterId: '77' }],
    ['clio.task.complete', { model: 'task', isNew: false, recordId: '5' }],
  ])('%s is what it writes', (name, echo) => {
    expect(expectedEcho(actions.get(name) as Action, { matter: 77, task: 5 })).toMatchObject(echo);
  });
});
