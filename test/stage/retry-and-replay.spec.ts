import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { replayNow } from '../../src/admin/event-verbs.js';
import { Interventions } from '../../src/admin/interventions.js';
import { retryNow, type RetryBody } from '../../src/admin/run-verbs.js';
import type { ObjectLiteral } from 'typeorm';
import { newId } from '../../src/lib/ids.js';
import { withoutTry } from '../../src/run/flow.js';
import { adminActor } from '../../src/store/actor.js';
import { endRun } from '../../src/store/end-run.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { Run } from '../../src/store/run.entity.js';
import { Step } from '../../src/store/step.entity.js';
import { databases } from '../support/databases.js';
import { Matching } from '../support/matching.js';
import { matterRule } from '../support/rule-text.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

const OFTEN = 'idempotency_key: "{{event.id}}"';

describe.each(databases)('taking up again, on $name', ({ open }) => {
  let firm: Matching;
  let interventions: Interventions;

  beforeEach(async () => {
    firm = await Matching.start(open);
    const nobody = { wake: () => Promise.resolve() };
    interventions = new Interventions(firm.database, firm.clock, nobody);
  });
  afterEach(() => firm.close());

  const retry = (id: string, body: RetryBody = {}) =>
    retryNow(interventions, { actor: adminActor, scope: null, route: `runs/${id}/retry` }, id, body);
  const replay = (id: string, body: { rule?: string; confirm?: boolean } = {}, key?: string) => {
    const order = { actor: adminActor, scope: null, route: `events/${id}/replay`, key };
    return replayNow(interventions, order, id, { confirm: false, ...body }, (rule) => rule !== 'nobody');
  };
  const runAt = (id: string) => firm.database.repo(Run).findOneByOrFail({ id });
  const stepAt = (runId: string) => firm.database.repo(Step).findOneByOrFail({ runId, position: 0 });
  const eventAt = (id: string) => firm.database.repo(InboundEvent).findOneByOrFail({ id });

  /** Nobody knows whether the first step of a run took effect. */
  async function loseAnswer(runId: string): Promise<void> {
    const [run, step] = [await runAt(runId), await stepAt(runId)];
    const outcome = { kind: 'unknown' as const, error: { code: 'test', message: 'no answer' } };
    await firm.runs.settleSteps([{ ...withoutTry, run, step, outcome, continueOnError: false }], firm.now);
    expect((await runAt(runId)).status).toBe('unknown');
  }

  /** The first step of a run fails before anything was sent. */
  async function fail(runId: string): Promise<void> {
    const [run, step] = [await runAt(runId), await stepAt(runId)];
    const outcome = { kind: 'fail' as const, error: { code: 'test', message: 'it is refused' } };
    const next =
      run.plan === null
        ? {}
        : { next: { steps: [], end: { status: 'failed' as const, error: outcome.error } } };
    await firm.runs.settleSteps(
      [{ ...withoutTry, run, step, outcome, continueOnError: false, ...next }],
      firm.now,
    );
    expect((await runAt(runId)).status).toBe('failed');
  }

  async function change(record = '7', to = 'open'): Promise<string> {
    const id = await firm.happens(record, 'closed', to);
    await firm.drain();
    return id;
  }

  it('gives a retried run its key again, so that nobody else does the same', async () => {
    firm.enforce(matterRule('once', 'idempotency_key: "{{matter.id}}"'));
    await change();
    const [runId = ''] = await firm.runIds();
    const { idempotencyKey } = await runAt(runId);
    await fail(runId);
    expect((await runAt(runId)).idempotencyKey).toBeNull();
    await retry(runId);
    expect(await runAt(runId)).toMatchObject({ status: 'running', idempotencyKey, formerKey: null });
    await change();
    expect(await firm.decided()).toEqual(['matched condition_true', 'suppressed already_ran']);
  });

  it('has not failed any more when it is taken up again, whatever its on_failure came to: an event may end it', async () => {
    const tell = 'on_failure: [{ id: tell, action: log.write, with: { text: x } }]';
    firm.enforce(matterRule('once', `${OFTEN}\n${tell}\ncancel_when: [{ event: matter.deleted }]`));
    await change();
    const [runId = ''] = await firm.runIds();
    await fail(runId);
    const told = { id: newId(), position: 1, key: 'tell', status: 'failed' as const };
    const first = await stepAt(runId);
    await firm.database.write((tx) => tx.insert<ObjectLiteral>(Step, { ...first, ...told }));
    await retry(runId);
    const statuses = async () =>
      (await firm.database.repo(Step).find({ order: { position: 'ASC' } })).map(({ status }) => status);
    expect(await statuses()).toEqual(['due', 'skipped']);
    await firm.happens('7', 'open', 'open', { type: 'matter.deleted', types: ['matter.deleted'] });
    await firm.drain();
    expect((await runAt(runId)).status).toBe('cancelled');
  });

  it('refuses to do again what another run has done for the key since', async () => {
    firm.enforce(matterRule('once', 'idempotency_key: "{{matter.id}}"'));
    await change();
    const [runId = ''] = await firm.runIds();
    await fail(runId);
    await change();
    const [, other = ''] = await firm.runIds();
    await expect(retry(runId)).rejects.toThrow(other);
    expect(await runAt(runId)).toMatchObject({ status: 'failed' });
  });

  it('waits in the queue of its key, and starts when there is room', async () => {
    firm.enforce(matterRule('line', `${OFTEN}\nconcurrency: { mode: queued }`));
    await change();
    const [first = ''] = await firm.runIds();
    await fail(first);
    await change();
    const [, second = ''] = await firm.runIds();
    await retry(first);
    expect([(await runAt(first)).status, (await stepAt(first)).status]).toEqual(['queued', 'waiting']);
    await firm.database.write((tx) => endRun(tx, second, { status: 'done', error: null }, firm.now));
    expect([(await runAt(first)).status, (await stepAt(first)).status]).toEqual(['running', 'due']);
  });

  it('goes on at once after a person’s word: a run in doubt has kept its place', async () => {
    firm.enforce(matterRule('line', `${OFTEN}\nconcurrency: { mode: queued }`));
    await change();
    const [runId = ''] = await firm.runIds();
    await loseAnswer(runId);
    await retry(runId, { unknown: 'retry' });
    expect([(await runAt(runId)).status, (await stepAt(runId)).status]).toEqual(['running', 'due']);
  });

  it('does not take up what was cancelled, though a step of it is in doubt', async () => {
    firm.enforce(matterRule('plain', OFTEN));
    await change();
    const [runId = ''] = await firm.runIds();
    await loseAnswer(runId);
    const error = { code: 'test', message: 'it is over' };
    await firm.database.write((tx) => endRun(tx, runId, { status: 'cancelled', error }, firm.now));
    expect((await stepAt(runId)).status).toBe('unknown');
    await expect(retry(runId, { unknown: 'retry' })).rejects.toThrow('was cancelled');
    expect((await runAt(runId)).status).toBe('cancelled');
  });

  it('is ended again by the events that its rule names, but by no replay', async () => {
    const flow = `${OFTEN}\ncancel_when: [{ event: matter.updated, conditions: { field: matter.status, is: closed } }]`;
    firm.enforce(matterRule('flow', flow));
    await change();
    const [runId = ''] = await firm.runIds();
    const { cancelKeys } = await runAt(runId);
    expect(cancelKeys).not.toBeNull();
    await fail(runId);
    await retry(runId);
    expect(await runAt(runId)).toMatchObject({ status: 'running', cancelKeys });
    const old = await firm.happens('7', 'open', 'closed', { status: 'matched' });
    await replay(old);
    await firm.drain();
    expect((await runAt(runId)).status).toBe('running');
    await firm.happens('7', 'open', 'closed');
    await firm.drain();
    expect((await runAt(runId)).status).toBe('cancelled');
  });

  it('replays with the record as it was, for the rules of today', async () => {
    firm.enforce(matterRule('old', OFTEN));
    const event = await change();
    firm.enforce(matterRule('new', OFTEN));
    const { event_id: id, acted_before: acted } = await replay(event, { rule: 'new' });
    expect(acted).toEqual([]);
    await expect(replay(event, { rule: 'new' })).rejects.toThrow(/not decided yet/);
    await firm.drain();
    const [was, is] = [await eventAt(event), await eventAt(id)];
    const { record, previous, changed, types } = was;
    expect(is).toMatchObject({ record, previous, changed, types, source: 'replay', replayOf: event });
    expect(is).toMatchObject({ status: 'matched', targetRule: 'new' });
    expect((await firm.database.repo(Run).find()).map(({ ruleId }) => ruleId).sort()).toEqual(['new', 'old']);
    await expect(replay(event)).rejects.toThrow(/new, old|old, new/);
    await expect(replay(event, { rule: 'nobody' })).rejects.toThrow('nobody');
  });

  it('makes one event of the same key, however late it is asked again', async () => {
    firm.enforce(matterRule('plain', OFTEN));
    const event = await change();
    const { event_id: id } = await replay(event, { confirm: true }, 'abc');
    await firm.drain();
    await firm.clock.leap(48 * 3_600_000);
    expect(await replay(event, { confirm: true }, 'abc')).toMatchObject({ event_id: id });
    expect(await firm.database.repo(InboundEvent).countBy({ source: 'replay' })).toBe(1);
  });

  it('reads what was never read, and leaves alone what tells nothing of its own', async () => {
    const of = (over: Partial<InboundEvent>) => firm.happens('7', 'closed', 'open', over);
    const unread = await of({ status: 'ignored', reason: 'no_rule', record: null });
    const { event_id: id } = await replay(unread);
    expect(await eventAt(id)).toMatchObject({ status: 'received', record: null, types: null });
    const refused: [Partial<InboundEvent>, RegExp][] = [
      [{ status: 'received', record: null }, /not decided yet/],
      [{ status: 'ignored', reason: 'already_seen' }, /another event/],
      [{ status: 'matched', source: 'schedule' }, /the clock/],
      [{ status: 'matched', source: 'manual' }, /by hand/],
    ];
    for (const [over, why] of refused) await expect(replay(await of(over))).rejects.toThrow(why);
  });
});
