import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../src/demo/poll.js';
import { loadConfig } from '../../src/config/config.js';
import { freePort } from '../../src/demo/free-port.js';
import { serve } from '../../src/serve.js';
import { databases } from '../support/databases.js';
import { ADMIN_TOKEN, LawFirm } from '../support/law-firm.js';

const rule = (action: string) => `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - { id: note, action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: '${action}' } }
`;

const WAITING = `
version: 1
id: opening
name: Opening
triggers: [{ event: matter.created }]
actions:
  - { wait: { for: 2 hours } }
  - { id: note, action: clio.note.create, with: { type: Matter, matter: '{{matter.id}}', subject: waited } }
`;

describe.each(databases)('a rule over the API, on $name', ({ name, url }) => {
  let firm: LawFirm;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    const database = await url();
    remove = database.remove;
    // Another rule keeps the webhook, so that what is not done is not done for want of news.
    const quiet = rule('never')
      .replace('id: opening', 'id: quiet')
      .replace('actions:', 'conditions: [{ field: matter.status, is: Never }]\nactions:');
    firm = await LawFirm.open(database.url, { 'quiet.yaml': quiet });
  });

  afterEach(async () => {
    await firm.close();
    await remove();
  });

  /** The status, and what the answer says of the rule. */
  async function send(method: string, path: string, body?: object, at = firm.url): Promise<string> {
    const answer = await fetch(`${at}/api/v1/rules${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        'if-match': '*',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const { state = '', detail = '' } = JSON.parse(text || '{}') as { state?: string; detail?: string };
    return `${answer.status} ${state}${detail}`.trim();
  }
  const notes = () => firm.control.records('note').map(({ subject }) => subject);
  const openMatter = () => firm.play((control) => control.create('matter', { status: 'Open' }));

  it('acts on the next webhook, with its new text after a change, and not after its end', async () => {
    expect(await send('POST', '', { text: rule('first') })).toBe('201 active');
    await firm.rest();
    await openMatter();
    expect(notes()).toEqual(['first']);
    expect(await send('PUT', '/opening', { text: rule('second') })).toBe('200 active');
    await openMatter();
    expect(notes()).toEqual(['first', 'second']);
    expect(await send('PUT', '/opening', { text: WAITING })).toBe('200 active');
    await openMatter();
    expect(await send('DELETE', '/opening')).toContain('409 1 run');
    expect(await send('DELETE', '/opening?waiting=finish')).toBe('204');
    await openMatter();
    expect(notes()).toEqual(['first', 'second']);
    await firm.clock.advance(2 * 3_600_000);
    await firm.rest();
    expect(notes()).toEqual(['first', 'second', 'waited']);
    expect((await firm.runs()).map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  });

  it('is in force again after a restart, and only watches when a person said so', async () => {
    await send('POST', '', { text: rule('first') });
    await send('POST', '/opening/shadow', { on: true });
    await firm.rest();
    await firm.stopEngine();
    await firm.startEngine();
    await firm.rest();
    await openMatter();
    expect(notes()).toEqual([]);
    expect((await firm.runs()).map(({ mode, status }) => [mode, status])).toEqual([['shadow', 'done']]);
    await send('POST', '/opening/shadow', { on: false });
    await openMatter();
    expect(notes()).toEqual(['first']);
  });

  it('is tried out on a record as it is at Clio now', async () => {
    const { id } = await openMatter();
    await send('POST', '', { text: rule('first') });
    await firm.rest();
    firm.control.clearCalls();
    const answer = await fetch(`${firm.url}/api/v1/rules/opening/simulate`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ record: `matter/${Number(id)}` }),
    });
    expect(await answer.json()).toMatchObject({
      ...{ rule_id: 'opening', outcome: 'matched', record: `matter/${Number(id)}`, clio_calls: 1 },
      actions: [{ id: 'note', with: { matter: id, subject: 'first' }, error: null }],
    });
    expect(firm.writes()).toEqual([]);
    expect(notes()).toEqual([]);
    expect(await send('POST', '/opening/simulate', { record: 'matter/987654' })).toContain(
      '404 Clio shows no matter',
    );
    expect(await send('POST', '/none/simulate', { record: 'matter/1' })).toContain('404');
  });

  if (name === 'postgres')
    it('is taken up by another replica within a second', async () => {
      const port = String(await freePort());
      const other = await serve(loadConfig({ ...firm.settings, PORT: port }), firm.clock);
      try {
        await send('POST', '', { text: rule('first') }, other.url);
        await until(
          'the other replica does not take up the rule',
          async () => (await send('GET', '/opening')) === '200 active',
        );
        await send('DELETE', '/opening');
        await until(
          'the replica does not take up the end of the rule',
          async () => (await send('GET', '/opening', undefined, other.url)) === '200 removed',
        );
      } finally {
        await other.stop();
      }
    });
});
