import { describe, expect, it } from '@jest/globals';
import { clioEventOf, eventNameOf } from '../../../src/ingest/event-names.js';

describe('eventNameOf', () => {
  it.each([
    ['matter', 'created', 'created'],
    ['bill', 'updated', 'updated'],
    ['calendar_entry', 'deleted', 'deleted'],
    ['matter', 'matter_opened', 'opened'],
    ['matter', 'matter_pended', 'pended'],
    ['matter', 'matter_closed', 'closed'],
    ['matter', 'opened', null],
    ['task', 'matter_opened', null],
    ['task', 'task_opened', null],
    ['matter', 'matter_created', null],
    ['matter', 'matter.updated', null],
    ['matter', 'constructor', null],
  ])('%s: %s is %s', (model, clioEvent, ours) => {
    expect(eventNameOf(model, clioEvent)).toBe(ours);
  });

  it.each([
    ['matter', 'created'],
    ['matter', 'opened'],
    ['matter', 'pended'],
    ['matter', 'closed'],
    ['bill', 'updated'],
  ])('comes back from clioEventOf: %s %s', (model, event) => {
    expect(eventNameOf(model, clioEventOf(model, event))).toBe(event);
  });
});
