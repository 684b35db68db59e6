import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { contentHash } from '../../src/lib/json.js';
import { AuditEntry } from '../../src/store/audit-entry.entity.js';
import { RuleStore } from '../../src/store/rule.store.js';
import { verifyAudit } from '../../src/store/verify-audit.js';
import { RuleBook } from '../../src/rules/rule-book.js';
import { parseRuleFile } from '../../src/rules/parse-rules.js';
import { databases, type TestDatabase } from '../support/databases.js';
import { smallVocabulary } from '../support/rule-text.js';
import { RunFixture } from '../support/run-fixture.js';
import { ScriptedClio } from '../support/scripted-clio.js';
import { TestClock } from '../support/test-clock.js';

beforeAll(() => {
  Logger.overrideLogger(false);
});

describe.each(databases)('what the audit trail tells on $name', ({ open }) => {
  let database: TestDatabase;
  let clio: ScriptedClio;

  beforeEach(async () => {
    [database, clio] = await Promise.all([open(), ScriptedClio.start()]);
  });
  afterEach(async () => {
    await Promise.all([database.close(), clio.stop()]);
  });

  const trail = () => database.database.repo(AuditEntry).find({ order: { seq: 'ASC' } });

  it('names every effect with its ids and the hash of what was asked, and none of the text', async () => {
    const stage = await RunFixture.start(database.database, clio.baseUrl);
    clio.on('POST', 'notes', { data: { id: 900, etag: '"n1"' } });
    const secret = 'They will settle for half.';
    const runId = await stage.plan([
      { action: 'log.write', with: { text: 'nothing outside' } },
      { action: 'clio.note.create', with: { type: 'Matter', matter: 77, subject: secret, detail: secret } },
    ]);
    await stage.drain();
    const [, step] = await stage.steps(runId);
    const [effect, ...others] = await trail();
    expect(others).toEqual([]);
    expect(effect).toMatchObject({
      ...{ seq: 1, at: stage.now, actorKind: 'engine', kind: 'effect' },
      ...{ connectionId: 'connection-1', ruleId: 'a-rule', runId, matterId: '77' },
    });
    expect(JSON.parse(effect?.facts ?? '')).toMatchObject({
      ...{ action: 'clio.note.create', step: '1', attempt: 1, outcome: 'done', applied: 'yes' },
      adopted: false,
      error: null,
      writes: [{ model: 'note', id: '900', etag: '"n1"' }],
      input_sha256: contentHash(step?.input),
    });
    expect(JSON.stringify(effect)).not.toContain('settle');
    expect((await verifyAudit(database.database)).fault).toBeNull();
  });

  it('tells of a try that may have taken effect, and not of one that was refused', async () => {
    const stage = await RunFixture.start(database.database, clio.baseUrl);
    clio.on('POST', 'notes', { cut: true }).on('GET', 'notes', { data: [] });
    const note = { action: 'clio.note.create', with: { type: 'Matter', matter: 77, subject: 'Opened' } };
    await stage.plan([{ ...note, retry: { max_attempts: 1 } }]);
    await stage.drain();
    const [lost, ...others] = await trail();
    expect(others).toEqual([]);
    expect(JSON.parse(lost?.facts ?? '')).toMatchObject({
      ...{ applied: 'maybe', writes: [], error: 'clio.unreachable' },
    });
    clio.on('POST', 'notes', { status: 422, error: { type: 'RecordInvalid', message: 'No.' } });
    await stage.plan([note], '78');
    await stage.drain();
    expect(await trail()).toHaveLength(1);
  });

  it('says once which version of a rule came into force, and when it went', async () => {
    const store = new RuleStore(database.database, new TestClock());
    const text = (name: string) => `version: 1
id: opening
name: ${name}
triggers: [{ event: matter.created }]
idempotency_key: '{{rule.id}}:{{matter.id}}'
actions: [{ action: log.write, with: { text: Opened } }]
`;
    const bookOf = (...texts: string[]) =>
      RuleBook.of(texts.map((one, index) => parseRuleFile(`r${index}.yaml`, one, smallVocabulary)));
    const put = async (...texts: string[]) => {
      const book = bookOf(...texts);
      await store.record(book.active, book.broken);
    };
    await put(text('One'));
    await put(text('One'));
    await put(text('Two'));
    await put('id: opening\nname: [');
    await put();
    await put();
    await put(text('Two'));
    const told = (await trail()).map(({ kind, ruleId, facts }) => {
      const { version } = JSON.parse(facts) as { version?: number };
      return [kind, ruleId, version];
    });
    const file = 'file:r0.yaml';
    expect(told).toEqual([
      ['rule.in_force', 'opening', 1],
      ['rule.in_force', 'opening', 2],
      ['rule.broken', file, undefined],
      ['rule.removed', 'opening', undefined],
      ['rule.removed', file, undefined],
      ['rule.in_force', 'opening', 2],
    ]);
  });
});
