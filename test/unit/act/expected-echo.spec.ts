import { describe, expect, it } from '@jest/globals';
import { actions } from '../../../src/act/catalog.js';
import { expectedEcho } from '../../../src/act/expected-echo.js';
import { contentOf } from '../../../src/lib/readable-text.js';
import { actionNamed } from '../../support/acting.js';
import type { JsonObject } from '../../../src/lib/json.js';

const echoOf = (name: string, input: JsonObject) => expectedEcho(actionNamed(name), input);
const untold = { isNew: null, recordId: null, matterId: null, markedIn: null };

describe('the echo to be expected of', () => {
  it.each<[string, string, JsonObject, object]>([
    ['clio.task.create', 'task', { name: 'Call', matter: 77 }, { matterId: '77', markedIn: 'description' }],
    ['clio.note.create', 'note', { type: 'Contact', contact: 5 }, { markedIn: 'detail' }],
    ['clio.time_entry.create', 'activity', { matter: 77 }, { matterId: '77', markedIn: 'note' }],
    ['clio.communication.log_email', 'communication', { matter: 77 }, { matterId: '77' }],
    ['clio.request', 'practice_area', { method: 'POST', resource: 'practice_area' }, {}],
  ])('%s is a new %s', (name, model, input, set) => {
    expect(echoOf(name, input)).toEqual([{ ...untold, model, isNew: true, ...set }]);
  });

  it('a text without a reference is known by what it says', () => {
    const note = { type: 'Matter', matter: 77, subject: 'Call', detail: 'She called.' };
    const content = contentOf({ subject: 'Call', detail: '<p>She called.</p>' });
    expect(expectedEcho(actionNamed('clio.note.create'), note, false)).toEqual([
      { ...untold, model: 'note', isNew: true, matterId: '77', markedIn: 'detail', content },
    ]);
    expect(echoOf('clio.note.create', note)?.[0]).not.toHaveProperty('content');
  });

  it.each<[string, string, JsonObject, string | null]>([
    ['clio.matter.close', 'matter', { matter: 77 }, '77'],
    ['clio.calendar_entry.update', 'calendar_entry', { calendar_entry: '12' }, '12'],
    ['clio.contact.update', 'contact', { contact: { name: 'Jane Doe' } }, null],
    ['clio.request', 'task', { method: 'PATCH', resource: 'task', id: '9' }, '9'],
  ])('%s is a %s that is there', (name, model, input, recordId) => {
    expect(echoOf(name, input)).toEqual([{ ...untold, model, isNew: false, recordId }]);
  });

  it('a task list is the matter and its new tasks', () => {
    expect(echoOf('clio.task_list.assign', { matter: 77, task_template_list: 1 })).toEqual([
      { ...untold, model: 'matter', isNew: false, recordId: '77' },
      { ...untold, model: 'task', isNew: true, matterId: '77' },
    ]);
  });

  it('a document is new, and changed when its content is there', () => {
    expect(echoOf('clio.document.upload', { matter: 77 })).toEqual([
      { ...untold, model: 'document', matterId: '77' },
    ]);
  });

  it.each<[string, JsonObject]>([
    ['log.write', {}],
    ['clio.task.list', {}],
    ['clio.request', { method: 'GET', resource: 'task' }],
  ])('%s %j is none: it writes nothing at Clio', (name, input) => {
    expect(echoOf(name, input)).toBeNull();
  });

  it('every action that writes at Clio is told', () => {
    const readers = ['clio.contact.find', 'clio.matter_docket.preview', 'clio.task.list'];
    const silent = [...actions.values()].filter(({ name, echo }) => name.startsWith('clio.') && !echo);
    expect(silent.map(({ name }) => name).sort()).toEqual(readers);
  });
});
