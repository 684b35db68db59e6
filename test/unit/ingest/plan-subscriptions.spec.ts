import { describe, expect, it } from '@jest/globals';
import { catalog, resourceFacts } from '../../../src/clio/catalog/catalog.js';
import type { ClioRecord } from '../../../src/clio/clio.client.js';
import {
  planSubscriptions,
  wantedWebhook,
  type WantedWebhook,
} from '../../../src/ingest/plan-subscriptions.js';
import { RuleError } from '../../../src/lib/errors.js';
import type { Subscription } from '../../../src/store/subscription.entity.js';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const DAY = 24 * 3_600_000;
const urlOf = (key: string) => `https://praetor.example/webhooks/clio/${key}`;
const want: WantedWebhook = { model: 'matter', events: ['created', 'updated'], fields: 'id,etag,status' };

function row(over: Partial<Subscription> = {}): Subscription {
  return {
    id: 'sub1',
    connectionId: 'con1',
    key: 'k1',
    model: 'matter',
    events: ['created', 'updated'],
    fields: 'id,etag,status',
    status: 'enabled',
    clioWebhookId: '12',
    secret: 'sealed',
    previousSecret: null,
    expiresAt: NOW + 29 * DAY,
    createdAt: NOW,
    updatedAt: NOW,
    ...over,
  };
}

const webhook = (over: Partial<ClioRecord> = {}): ClioRecord => ({
  id: 12,
  url: urlOf('k1'),
  status: 'enabled',
  ...over,
});

const plan = (rows: Subscription[], webhooks: ClioRecord[], wanted = [want]) =>
  planSubscriptions(wanted, rows, webhooks, urlOf, NOW).map((step) =>
    step.kind === 'change' && step.isMoved ? 'move' : step.kind,
  );

describe('planSubscriptions', () => {
  it.each<[string, Subscription[], ClioRecord[], string[]]>([
    ['nothing of ours', [], [], ['create']],
    ['somebody else’s webhooks', [], [webhook({ url: 'https://other.example' })], ['create']],
    ['all in place', [row()], [webhook()], []],
    ['events in another order', [row({ events: ['updated', 'created'] })], [webhook()], []],
    [
      'a create that never arrived',
      [row({ status: 'pending', clioWebhookId: null, secret: null })],
      [],
      ['create'],
    ],
    ['a create whose answer was lost', [row({ clioWebhookId: null, secret: null })], [webhook()], ['settle']],
    ['a webhook Clio has lost', [row()], [], ['create']],
    ['a missed handshake', [row({ status: 'pending' })], [webhook({ status: 'pending' })], ['settle']],
    ['Clio still waiting', [row()], [webhook({ status: 'pending' })], ['settle']],
    ['no secret', [row({ secret: null })], [webhook()], ['settle']],
    ['other fields', [row({ fields: 'id,etag' })], [webhook()], ['change']],
    ['other events', [row({ events: ['created'] })], [webhook()], ['change']],
    ['another public address', [row()], [webhook({ url: 'https://old.example/k1' })], ['move']],
    ['soon to expire', [row({ expiresAt: NOW + 6 * DAY })], [webhook()], ['change']],
    ['given up', [row({ status: 'disabled' })], [webhook()], ['create']],
  ])('%s', (_, rows, webhooks, kinds) => {
    expect(plan(rows, webhooks)).toEqual(kinds);
  });

  it('keeps the row and its key when the webhook has to be made again', () => {
    const known = row();
    expect(planSubscriptions([want], [known], [], urlOf, NOW)).toEqual([
      { kind: 'create', wanted: want, row: known },
    ]);
  });

  it('leaves webhooks alone that nobody needs any more', () => {
    expect(plan([row()], [webhook()], [])).toEqual([]);
  });
});

describe('wantedWebhook', () => {
  const events = (...names: string[]) =>
    wantedWebhook('matter', { events: new Set(names), paths: new Set(['status']) }).events;

  it('uses Clio’s names', () => {
    expect(events('opened', 'closed', 'created')).toEqual(['created', 'matter_closed', 'matter_opened']);
  });

  it('hears of new records too when changes matter, so that the first change has a before', () => {
    expect(events('updated')).toEqual(['created', 'updated']);
  });

  it('asks for deletions alone when only they matter', () => {
    expect(events('deleted')).toEqual(['deleted']);
  });

  it('always asks for what tells versions apart', () => {
    const { fields } = wantedWebhook('matter', { events: new Set(['created']), paths: new Set(['status']) });
    expect(fields.split(',')).toEqual(
      expect.arrayContaining(['id', 'etag', 'created_at', 'updated_at', 'status']),
    );
  });

  it('cannot ask for more than Clio takes', () => {
    const { fields } = resourceFacts('matter');
    const paths = new Set(
      Object.entries(fields).flatMap(([field, { resource = '' }]) =>
        Object.keys(catalog.schemas[resource] ?? {}).map((inner) => `${field}.${inner}`),
      ),
    );
    expect(() => wantedWebhook('matter', { events: new Set(['created']), paths })).toThrow(RuleError);
  });
});
