import { describe, expect, it } from '@jest/globals';
import { previewSteps } from '../../../src/rules/preview-steps.js';
import { vocabulary } from '../../../src/vocabulary.js';
import { aCompiledRule } from '../../support/compiled-rule.js';

const { actions } = vocabulary();
const facts = { matter: { id: 7, status: 'Open', client: null } };
const preview = (steps: object[], mocks = {}) =>
  previewSteps(aCompiledRule({ actions: steps }), facts, actions, { mocks }).map(({ key, input, error }) => [
    key,
    input ?? error?.code,
    error?.message,
  ]);
const note = { action: 'clio.note.create' };
const first = { id: 'first', action: 'clio.task.create', with: { name: 'Call', matter: '{{matter.id}}' } };
const second = {
  id: 'second',
  ...note,
  with: {
    type: 'Matter',
    matter: '{{matter.id}}',
    subject: 'Task {{outputs.first.id}} {{outputs.first.name}}',
  },
};

describe('previewSteps', () => {
  it('renders every step, with outputs that are made up from what the earlier ones promise', () => {
    expect(preview([first, second])).toEqual([
      ['first', { name: 'Call', matter: 7 }, undefined],
      ['second', { type: 'Matter', matter: 7, subject: 'Task 1 Call' }, undefined],
    ]);
  });

  it('takes outputs that are given', () => {
    const [, rendered] = preview([first, second], { first: { id: 501, name: 'Call' } });
    expect(rendered?.[1]).toMatchObject({ subject: 'Task 501 Call' });
  });

  it('says why a step would not be carried out, and goes on', () => {
    const closed = { if: { field: 'matter.status', is: 'Closed' } };
    const nameless = { ...first, with: { ...first.with, name: '{{matter.client.name}}' } };
    expect(preview([{ ...first, ...closed }, nameless, { action: 'clio.task.paint', with: {} }])).toEqual([
      ['first', 'skipped', 'condition_false'],
      ['first', 'rule.template_failed', expect.stringContaining('matter.client.name') as unknown],
      ['2', 'rule.invalid', expect.stringContaining('"clio.task.paint"') as unknown],
    ]);
  });
});
