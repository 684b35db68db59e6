import { describe, expect, it } from '@jest/globals';
import { fieldList, parseFields } from '../../../src/clio/field-list.js';
import { pathsToRead, pathsToWatch, readsCustomFields } from '../../../src/ingest/custom-field-paths.js';
import { wantedWebhook } from '../../../src/ingest/plan-subscriptions.js';

const paths = (...given: string[]) => new Set(given);

describe('the paths of custom fields', () => {
  it('are read as the values that they are made of', () => {
    const fields = fieldList('matter', pathsToRead(paths('status', 'custom_fields.Court file number')));
    expect(fields).toBe(
      'id,etag,created_at,updated_at,status,custom_field_values{custom_field,field_name,field_type,id,picklist_option,value}',
    );
    expect(readsCustomFields(parseFields(fields))).toBe(true);
  });

  it('change nothing where no rule names one', () => {
    const given = paths('status', 'custom_field_values.0.value');
    expect(pathsToRead(given)).toBe(given);
    expect(readsCustomFields(parseFields(fieldList('matter', given)))).toBe(false);
  });

  it('are never asked of a webhook, which then watches every version', () => {
    const given = paths('custom_fields.Retainer', 'custom_field_values.0.value', 'status');
    expect(pathsToWatch(given)).toEqual(paths('status'));
    const webhook = wantedWebhook('matter', { events: new Set(['updated']), paths: given });
    expect(webhook.fields).toBe('id,etag,created_at,updated_at,status');
  });
});
