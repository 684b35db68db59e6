import { describe, expect, it } from '@jest/globals';
import { previewSteps, type Imagined } from '../../../src/rules/preview-steps.js';
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

  it.each<[NonNullable<Imagined['approvals']>, string | undefined, string[]]>([
    [{}, undefined, ['wait', 'ok', 'note[0]', 'note[1]']],
    [{ ok: 'timeout' }, undefined, ['wait', 'ok']],
    [{ ok: 'reject' }, 'approve', ['wait', 'ok']],
    [{ ok: 'timeout' }, 'approve', ['wait', 'ok', 'note[0]', 'note[1]']],
  ])(
    'goes through flow as if waits were over and approvals %j with on_timeout %s',
    (approvals, on_timeout, keys) => {
      const steps = [
        { id: 'wait', wait: { for: '1 day' } },
        { id: 'ok', approval: { by: 'ann@firm.example', on_timeout } },
        {
          for_each: 'matter.parts',
          as: 'part',
          max: 2,
          actions: [{ id: 'note', action: 'log.write', with: { text: '{{part.id}} {{now}}' } }],
        },
      ];
      const given = {
        event: { type: 'matter.created' },
        matter: { parts: [{ id: 1 }, { id: 2 }] },
        rule: { timezone: 'UTC' },
        run: {},
        now: '2026-07-01T12:00:00Z',
      };
      const found = previewSteps(aCompiledRule({ actions: steps }), given, actions, { approvals: approvals });
      expect(found.map(({ key }) => key).filter((key) => key !== '2')).toEqual(keys);
      const last = found.at(-1);
      if (keys.length > 2) expect(last?.input).toEqual({ text: '2 2026-07-02T12:00:00.000Z' });
    },
  );

  const given = {
    event: { type: 'matter.created' },
    matter: { id: 7 },
    rule: { timezone: 'UTC' },
    run: {},
    now: '2026-07-01T12:00:00Z',
  };
  const asking = {
    actions: [
      { id: 'ok', approval: { by: 'ann@firm.example', timeout: '2 days', on_timeout: 'approve' } },
      {
        id: 'say',
        action: 'log.write',
        with: { text: '{{run.approvals.0.user}}: {{run.approvals.0.comment}} {{run.approvals.0.at}}' },
      },
      { id: 'pause', wait: { for: '1 day' } },
      { id: 'end', action: 'log.write', with: { text: '{{now}}' } },
    ],
  };
  const texts = (imagined: Imagined) =>
    previewSteps(aCompiledRule(asking), given, actions, imagined).flatMap(
      ({ input, error }) => input ?? error?.message ?? [],
    );

  it('gives what steps may read of an approval', () => {
    expect(texts({})).toEqual([
      { text: 'the approver: a comment 2026-07-01T12:00:00.000Z' },
      { text: '2026-07-02T12:00:00.000Z' },
    ]);
  });

  it('lets the time of an approval pass that nobody answers', () => {
    const approvals = { ok: 'timeout' } as const;
    expect(texts({ approvals })).toEqual([
      { text: 'nobody (time-out): Nobody answered in time. 2026-07-03T12:00:00.000Z' },
      { text: '2026-07-04T12:00:00.000Z' },
    ]);
    expect(texts({ approvals, until: Date.parse('2026-07-03T11:59:59Z') })).toEqual([]);
  });
});
