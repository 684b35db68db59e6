import { newId } from '../../src/lib/ids.js';
import { Connection } from '../../src/store/connection.entity.js';
import type { Database } from '../../src/store/database.js';
import type { NewInboundEvent } from '../../src/store/event.store.js';
import type { NewDecision } from '../../src/store/run-settlement.js';

/** A connection row; its tokens are not real. */
export async function aConnection(database: Database, set: Partial<Connection> = {}): Promise<Connection> {
  const row = {
    id: newId(),
    name: 'Example Law LLP',
    region: 'us',
    baseUrl: 'http://127.0.0.1:1',
    userId: newId(),
    userName: 'Ada Attorney',
    accountId: '1',
    accountName: 'Example Law LLP',
    status: 'active' as const,
    accessToken: 'sealed',
    refreshToken: null,
    tokenExpiresAt: null,
    authorisedAt: 0,
    createdAt: 0,
    updatedAt: 0,
    ...set,
  };
  await database.write((tx) => tx.insert(Connection, row));
  return database.repo(Connection).findOneByOrFail({ id: row.id });
}

/** An event as the receiver hands it over. */
export function anEvent(connectionId: string, set: Partial<NewInboundEvent> = {}): NewInboundEvent {
  const id = newId();
  return {
    connectionId,
    subscriptionId: null,
    source: 'webhook',
    model: 'matter',
    recordId: '77',
    type: 'matter.created',
    etag: `"${id}"`,
    dedupeKey: id,
    payload: { data: { id: 77 } },
    ...set,
  };
}

/** A matched decision with a run of `steps` log steps. */
export function aMatch(
  set: Partial<NewDecision> = {},
  run: Partial<NonNullable<NewDecision['run']>> = {},
  steps = 2,
): NewDecision {
  return {
    ruleId: 'rule-a',
    ruleHash: 'hash',
    outcome: 'matched',
    reason: 'condition_true',
    explanation: null,
    shadow: false,
    run: {
      id: newId(),
      mode: 'active',
      idempotencyKey: null,
      facts: {},
      depth: 0,
      steps: Array.from({ length: steps }, (_, index) => ({
        id: newId(),
        key: `step_${index}`,
        action: 'log.write',
        definition: {},
        reference: 'ABCDEFGH',
      })),
      ...run,
    },
    ...set,
  };
}
