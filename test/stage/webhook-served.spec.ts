import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventsPage } from '../../src/admin/event-views.js';
import { signatureOf } from '../../src/clio/webhook-signature.js';
import { loadConfig } from '../../src/config/config.js';
import { connect } from '../../src/demo/start-demo.js';
import { LANES, type Lanes } from '../../src/lanes/lanes.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { serve, type Served } from '../../src/serve.js';
import { Database } from '../../src/store/database.js';
import { databases } from '../support/databases.js';
import { adminOf, rulesFolder, settingsFor } from '../support/law-firm.js';
import { TestClock } from '../support/test-clock.js';

const RULE = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions: [{ id: say, action: log.write, with: { text: 'Opened {{matter.id}}' } }]
`;

const [sqlite] = databases;

/** The server as `npm start` puts it together, so that its own settings count: raw bodies, and how large they may be. */
describe('a delivery to the engine as it is served', () => {
  let sandbox: Sandbox;
  let served: Served;
  let close: () => Promise<void>;
  let webhook: { id: number; url: string; shared_secret: string };

  beforeAll(async () => {
    const clock = new TestClock();
    const database = await sqlite.url();
    const rules = rulesFolder({ 'opening.yaml': RULE });
    sandbox = await startSandbox({ clock });
    served = await serve(loadConfig(await settingsFor(sandbox, database.url, rules.folder)), clock);
    await connect(served.url);
    await served.app.get<Lanes>(LANES).drain();
    await sandbox.control.settle();
    webhook = sandbox.control.records('webhook')[0] as unknown as typeof webhook;
    close = async () => {
      await served.stop();
      await sandbox.stop();
      rules.remove();
      await database.remove();
    };
  });

  afterAll(() => close());

  /** A signed delivery of a new matter whose description fills the body up to so many bytes. */
  function delivery(id: number, bytes: number): Buffer {
    const text = (length: number) =>
      Buffer.from(
        JSON.stringify({
          data: { id, etag: `"${id}"`, description: 'x'.repeat(length) },
          meta: { event: 'created', webhook_id: webhook.id },
        }),
      );
    return text(bytes - text(0).length);
  }

  async function post(body: Buffer, headers: Record<string, string> = {}): Promise<number> {
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hook-signature': signatureOf(body, webhook.shared_secret),
        ...headers,
      },
      body: new Uint8Array(body),
    });
    await answer.text();
    return answer.status;
  }

  const eventsOf = async (id: number) => {
    const { data } = await adminOf(served.url).get(`events?limit=200`, eventsPage);
    return data.filter(({ record_id }) => record_id === String(id));
  };

  // First, while the file has no pages to spare.
  it('is answered 503 while the disk is full, and stored when the same bytes come again', async () => {
    const database = served.app.get(Database);
    const body = delivery(4, 500_000);
    await database.dataSource.query('pragma max_page_count = 1');
    expect(await post(body)).toBe(503);
    expect(await eventsOf(4)).toEqual([]);
    await database.dataSource.query('pragma max_page_count = 1000000');
    for (let times = 0; times < 2; times++) expect(await post(body)).toBe(200);
    expect(await eventsOf(4)).toHaveLength(1);
  });

  it('is stored, up to exactly 1 MiB', async () => {
    expect(await post(delivery(1, 1_048_576))).toBe(200);
    expect(await eventsOf(1)).toHaveLength(1);
    expect(await post(delivery(2, 1_048_577))).toBe(413);
    expect(await post(delivery(3, 500), { 'x-hook-signature': '' })).toBe(401);
    for (const id of [2, 3]) expect(await eventsOf(id)).toEqual([]);
  });
});
