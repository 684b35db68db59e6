import { describe, expect, it } from '@jest/globals';
import type { EventDetail } from '../../../src/admin/event-views.js';
import { exportEvent } from '../../../src/cli/export-event.js';
import { vocabulary } from '../../../src/vocabulary.js';

function aStored(record: unknown, previous: unknown = null, type = 'matter.updated'): EventDetail {
  return { type, types: [type], record, previous, received_at: '2026-03-06T15:50:00.000Z' } as EventDetail;
}

describe('an event as a file', () => {
  it('is what the rules saw', () => {
    const record = { id: 7, description: 'Estate of Jane Doe' };
    expect(exportEvent(aStored(record, { id: 7 }), vocabulary(), false)).toEqual({
      event: 'matter.updated',
      record,
      previous: { id: 7 },
      now: '2026-03-06T15:50:00.000Z',
    });
    expect(exportEvent(aStored(null), vocabulary(), true)).toBeNull();
  });

  it('keeps what rules compare with and nothing that tells of a person', () => {
    const matter = (name: string) => ({
      id: 7,
      status: 'Open',
      description: 'Estate of Jane Doe',
      open_date: '2026-03-02',
      billable: true,
      client: { id: 5, name },
      practice_area: { id: 3, name: 'Family' },
      matter_stage: null,
      relationships: [{ id: 1, description: 'Estate of Jane Doe' }],
      custom_fields: { Retainer: 1500, Court: 'Open', Hearing: '2026-03-12' },
    });
    const told = exportEvent(aStored(matter('Jane Doe'), matter('J. Doe')), vocabulary(), true);
    expect(told?.record).toEqual({
      ...matter('redacted 2'),
      description: 'redacted 1',
      relationships: [{ id: 1, description: 'redacted 1' }],
      custom_fields: { Retainer: 1500, Court: 'redacted 3', Hearing: '2026-03-12' },
    });
    expect(told?.previous).toMatchObject({ description: 'redacted 1', client: { name: 'redacted 4' } });
  });

  it('knows the fields of a kind whose events Clio names otherwise, and of none', () => {
    const contact = { first_name: 'Jane', date_of_birth: '1980-02-03', type: 'Person' };
    expect(exportEvent(aStored(contact, null, 'contact.created'), vocabulary(), true)?.record).toEqual({
      first_name: 'redacted 1',
      date_of_birth: '1970-01-01',
      type: 'Person',
    });
    expect(exportEvent(aStored({ type: 'Person' }, null, 'unheard.of'), vocabulary(), true)?.record).toEqual({
      type: 'redacted 1',
    });
  });
});
