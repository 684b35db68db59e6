import { describe, expect, it } from '@jest/globals';
import { catalog, resourceFacts } from '../../../src/clio/catalog/catalog.js';
import type { ClioRecord } from '../../../src/clio/clio.client.js';
import {
  planSubscriptions,
  wantedWebhook,
  type OurSide,
  type WantedWebhook,
} from '../../../src/ingest/plan-subscriptions.js';
import type { Subscription } from '../../../src/store/subscription.entity.js';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const DAY = 24 * 3_600_000;
const iso = (at: number) => new Date(at).toISOString();
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
    renewedAt: NOW - 2 * DAY,
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

const ours: OurSide = {
  urlOf,
  isOwn: ({ url }) => String(url).startsWith(urlOf('')) && url !== urlOf('of-another-connection'),
  now: NOW,
};

const plan = (rows: Subscription[], webhooks: ClioRecord[], wanted = [want]) =>
  planSubscriptions(wanted, rows, webhooks, ours).map((step) =>
    step.kind === 'change' && step.isMoved
      ? 'move'
      : step.kind === 'replace'
        ? step.defect
        : step.kind === 'remove'
          ? `remove ${step.webhook?.id ?? 'nothing'} of ${step.row?.id ?? 'nobody'}`
          : step.kind,
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
    [
      'less than half of its life left',
      [row({ expiresAt: NOW + 15 * DAY, renewedAt: NOW - 16 * DAY })],
      [webhook()],
      ['change'],
    ],
    [
      'half of a short life over',
      [row({ expiresAt: NOW + DAY, renewedAt: NOW - 2 * DAY })],
      [webhook()],
      ['change'],
    ],
    ['most of a short life left', [row({ expiresAt: NOW + 2 * DAY, renewedAt: NOW - DAY })], [webhook()], []],
    [
      'a life of unknown beginning',
      [row({ expiresAt: NOW + 15 * DAY, renewedAt: null })],
      [webhook()],
      ['change'],
    ],
    ['a shorter life at Clio than we know', [row()], [webhook({ expires_at: iso(NOW + DAY) })], ['change']],
    [
      'a longer life at Clio than we know',
      [row()],
      [webhook({ expires_at: iso(NOW + 30 * DAY) })],
      ['settle'],
    ],
    ['suspended by Clio', [row()], [webhook({ status: 'suspended' })], ['suspended']],
    ['expired without a word', [row()], [webhook({ expires_at: iso(NOW) })], ['expired']],
    ['other fields at Clio', [row()], [webhook({ fields: 'id,etag' })], ['change']],
    ['the same fields in another order', [row()], [webhook({ fields: 'status, etag,id' })], []],
    ['other events at Clio', [row()], [webhook({ events: ['created'] })], ['change']],
    [
      'given up, and still at Clio',
      [row({ status: 'disabled' })],
      [webhook()],
      ['create', 'remove 12 of nobody'],
    ],
    ['given up, and gone', [row({ status: 'disabled' })], [], ['create']],
    [
      'a second one of ours',
      [row()],
      [webhook(), webhook({ id: 13 }), webhook({ id: 14, url: urlOf('lost') })],
      ['remove 13 of nobody', 'remove 14 of nobody'],
    ],
    [
      'somebody else’s, at other addresses and under our own',
      [row()],
      [
        webhook(),
        webhook({ id: 13, url: 'https://other.example/webhooks/clio/k1' }),
        webhook({ id: 14, url: urlOf('of-another-connection') }),
      ],
      [],
    ],
  ])('%s', (_, rows, webhooks, kinds) => {
    expect(plan(rows, webhooks)).toEqual(kinds);
  });

  it('keeps the row and its key when the webhook has to be made again', () => {
    const known = row();
    expect(planSubscriptions([want], [known], [], ours)).toEqual([
      { kind: 'create', wanted: want, row: known },
    ]);
  });

  it('removes what nobody needs any more, with its row, wherever the webhook has got to', () => {
    expect(plan([row()], [webhook()], [])).toEqual(['remove 12 of sub1']);
    expect(plan([row()], [webhook({ url: 'https://old.example/k1' })], [])).toEqual(['remove 12 of sub1']);
    expect(plan([row()], [], [])).toEqual(['remove nothing of sub1']);
    expect(plan([row({ status: 'disabled' })], [], [])).toEqual([]);
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

  it('asks for nothing but the version when the fields are more than Clio takes', () => {
    const { fields } = resourceFacts('matter');
    const paths = new Set(
      Object.entries(fields).flatMap(([field, { resource = '' }]) =>
        Object.keys(catalog.schemas[resource] ?? {}).map((inner) => `${field}.${inner}`),
      ),
    );
    const { fields: asked } = wantedWebhook('matter', { events: new Set(['created']), paths });
    expect(asked).toBe('id,etag,created_at,updated_at');
  });
});
