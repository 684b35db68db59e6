import { describe, expect, it } from '@jest/globals';
import { statSync } from 'node:fs';
import { catalog, resourceFacts } from '../../src/clio/catalog/catalog.js';
import { InvariantError } from '../../src/lib/errors.js';

const WEBHOOK_MODELS = [
  'activity',
  'bill',
  'calendar_entry',
  'clio_payments_payment',
  'communication',
  'contact',
  'document',
  'folder',
  'matter',
  'task',
];

describe('the catalog of Clio', () => {
  it('describes the version that the client pins', () => {
    expect(catalog.version).toBe('4.0.13');
  });

  it('is generated without text and small', () => {
    expect(JSON.stringify(catalog)).not.toMatch(/"description":"[A-Z]|ISO-8601|http/);
    expect(statSync('src/clio/catalog/catalog.json').size).toBeLessThan(250_000);
  });

  it('has every model of webhooks', () => {
    expect(resourceFacts('webhook').create?.['model']?.enum).toEqual(WEBHOOK_MODELS);
    expect(WEBHOOK_MODELS.filter((model) => catalog.resources[model] === undefined)).toEqual([]);
  });

  it('keeps apart how a matter status is written and how it reads', () => {
    const matter = resourceFacts('matter');
    expect(matter.create?.['status']?.enum).toEqual(expect.arrayContaining(['open', 'closed', 'pending']));
    expect(matter.fields['status']?.enum).toEqual(expect.arrayContaining(['Open', 'Closed', 'Pending']));
  });

  it('keeps apart how a task priority is written and how it is filtered', () => {
    const task = resourceFacts('task');
    expect(task.create?.['priority']?.enum).toEqual(['High', 'Normal', 'Low']);
    expect(task.filters['priority']?.enum).toEqual(['high', 'normal', 'low']);
  });

  it('has text for the ids of custom field values and calendar entries', () => {
    expect(catalog.schemas['CustomFieldValue']?.['id']?.type).toBe('string');
    expect(resourceFacts('matter').update?.['custom_field_values']?.attributes?.['id']?.type).toBe('string');
    expect(resourceFacts('calendar_entry').fields['id']?.type).toBe('string');
  });

  it('knows what a create requires', () => {
    const required = (name: string) =>
      Object.entries(resourceFacts(name).create ?? {}).flatMap(([key, facts]) =>
        facts.required ? [key] : [],
      );
    expect(required('task')).toEqual(['assignee', 'description', 'name']);
    expect(required('note')).toEqual(['type']);
    expect(required('matter')).toEqual(['client', 'description']);
    expect(resourceFacts('note').filters['type']?.required).toBe(true);
  });

  it('knows what cannot be done', () => {
    expect(resourceFacts('bill').create).toBeUndefined();
    expect(resourceFacts('matter_stage')).toMatchObject({ readable: false, deletable: false });
    expect(resourceFacts('matter_stage').order).toBeUndefined();
    expect(resourceFacts('user').maxLimit).toBe(2000);
  });

  it('says which associations null clears', () => {
    const { update } = resourceFacts('matter');
    expect(update?.['matter_stage']?.nullable).toBe(true);
    expect(update?.['client']?.nullable).toBeUndefined();
  });

  it('names every nested object that can be opened one level', () => {
    const nested = Object.values(catalog.resources).flatMap(({ fields }) =>
      Object.values(fields).flatMap(({ resource }) => (resource === undefined ? [] : [resource])),
    );
    expect(nested.filter((name) => catalog.schemas[name] === undefined)).toEqual([]);
  });

  it('refuses a resource that it lacks', () => {
    expect(() => resourceFacts('matters')).toThrow(InvariantError);
    expect(() => resourceFacts('constructor')).toThrow(InvariantError);
  });
});
