import { describe, expect, it } from '@jest/globals';
import { derivedTypes } from '../../../src/ingest/derived-types.js';
import type { JsonObject } from '../../../src/lib/json.js';

const types = (model: string, event: string, record: JsonObject, previous: JsonObject | null) =>
  derivedTypes({ model, type: `${model}.${event}` }, record, previous);

describe('derivedTypes', () => {
  it.each<[string, string, JsonObject, JsonObject | null, string[]]>([
    ['matter', 'updated', { status: 'Closed' }, { status: 'Open' }, ['matter.closed']],
    ['matter', 'updated', { status: 'Open' }, { status: 'Closed' }, ['matter.opened']],
    ['matter', 'updated', { status: 'Pending' }, { status: 'Open' }, ['matter.pended']],
    ['matter', 'updated', { status: 'Open' }, { status: 'Open' }, []],
    ['matter', 'updated', { matter_stage: { id: 2 } }, { matter_stage: { id: 1 } }, ['matter.stage_changed']],
    ['matter', 'updated', { matter_stage: { id: 2 } }, { matter_stage: null }, ['matter.stage_changed']],
    ['matter', 'updated', { matter_stage: null }, { matter_stage: { id: 1 } }, ['matter.stage_changed']],
    ['matter', 'updated', { matter_stage: { id: 1, name: 'B' } }, { matter_stage: { id: 1, name: 'A' } }, []],
    ['bill', 'updated', { state: 'awaiting_payment' }, { state: 'draft' }, ['bill.issued']],
    ['bill', 'updated', { state: 'paid' }, { state: 'awaiting_payment' }, ['bill.paid']],
    ['bill', 'updated', { state: 'void' }, { state: 'paid' }, ['bill.voided']],
    ['bill', 'updated', { state: 'paid', memo: 'b' }, { state: 'paid', memo: 'a' }, []],
    ['task', 'updated', { status: 'complete' }, { status: 'pending' }, ['task.completed']],
    [
      'document',
      'updated',
      { latest_document_version: { fully_uploaded: true } },
      { latest_document_version: { fully_uploaded: false } },
      ['document.uploaded'],
    ],
  ])('%s.%s %j after %j', (model, event, record, previous, expected) => {
    expect(types(model, event, record, previous)).toEqual(expected);
  });

  it('says that a record which is made in a state has reached it, but not that a new matter was opened', () => {
    expect(types('bill', 'created', { state: 'paid' }, null)).toEqual(['bill.paid']);
    expect(types('task', 'created', { status: 'complete' }, null)).toEqual(['task.completed']);
    expect(types('document', 'created', { latest_document_version: { fully_uploaded: true } }, null)).toEqual(
      ['document.uploaded'],
    );
    expect(types('matter', 'created', { status: 'Open', matter_stage: { id: 1 } }, null)).toEqual([]);
  });

  it('says nothing at first sight, nor about what was not read before', () => {
    expect(types('matter', 'updated', { status: 'Open' }, null)).toEqual([]);
    expect(types('matter', 'updated', { status: 'Open', matter_stage: { id: 1 } }, {})).toEqual([]);
    expect(types('matter', 'updated', { matter_stage: { id: 2 } }, { matter_stage: { name: 'A' } })).toEqual(
      [],
    );
    expect(types('bill', 'updated', { state: 'paid' }, { memo: 'a' })).toEqual([]);
  });

  it('says nothing of what is hidden from us, or was', () => {
    const shown = { matter_stage: { id: 1 } };
    const hidden = { matter_stage: { id: null, redacted: true } };
    expect(types('matter', 'updated', hidden, shown)).toEqual([]);
    expect(types('matter', 'updated', { matter_stage: { redacted: true } }, shown)).toEqual([]);
    expect(types('matter', 'updated', shown, hidden)).toEqual([]);
    expect(types('matter', 'updated', {}, shown)).toEqual([]);
    const uploaded = { latest_document_version: { id: 1, fully_uploaded: true } };
    const unseen = { latest_document_version: { id: null, fully_uploaded: null, redacted: true } };
    expect(types('document', 'updated', uploaded, unseen)).toEqual([]);
  });

  it.each([
    ['TimeEntry', 'time_entry'],
    ['ExpenseEntry', 'expense_entry'],
    ['HardCostEntry', 'expense_entry'],
    ['SoftCostEntry', 'expense_entry'],
  ])('names the events of a %s by its kind', (type, kind) => {
    for (const event of ['created', 'updated', 'deleted'])
      expect(types('activity', event, { type }, { type })).toEqual([`${kind}.${event}`]);
  });

  it('tolerates kinds of activities that are not known', () => {
    expect(types('activity', 'created', { type: 'FixedFee' }, null)).toEqual([]);
    expect(types('activity', 'deleted', { id: 1 }, null)).toEqual([]);
  });
});
