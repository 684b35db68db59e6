import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Action, ActionContext, ActionResult } from '../../src/act/action.js';
import { createFolder } from '../../src/act/create-folder.action.js';
import { generateDocument } from '../../src/act/generate-document.action.js';
import { uploadDocument } from '../../src/act/upload-document.action.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext, noon } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { databases } from '../support/databases.js';
import { RunFixture } from '../support/run-fixture.js';
import { TestClock } from '../support/test-clock.js';

const MINUTE = 60_000;

let clock: TestClock;
let sandbox: Sandbox;
let context: ActionContext;

beforeEach(async () => {
  clock = new TestClock(noon.getTime());
  sandbox = await startSandbox({ clock, rateLimit: 10_000 });
  sandbox.control.create('matter', { description: 'Dissolution', responsible_attorney: { id: 1 } });
  context = anActionContext(aClioClient(sandbox.origin, sandbox.control.token(), clock));
});
afterEach(() => sandbox.stop());

const execute = (action: Action, input: object, set: Partial<ActionContext> = {}) =>
  action.execute(action.input.parse(input), { ...context, now: clock.now(), ...set });

/** Another try after one whose effect is open, as the run stage makes it. */
async function tryAgain(action: Action, input: object): Promise<ActionResult> {
  const again = { ...context, now: clock.now(), inDoubt: true };
  const parsed = action.input.parse(input);
  return (await action.probe?.(parsed, again)) ?? action.execute(parsed, again);
}

const undo = (action: Action, input: object, { output, writes }: ActionResult) =>
  action.undo?.({ input: action.input.parse(input), output, writes }, context);

const visible = () => sandbox.control.records('document').filter((one) => one['deleted_at'] === null);

describe('clio.document.upload', () => {
  const input = { name: 'Summary', text: 'Dissolution of März & Söhne', matter: 1 };

  it('leaves the text at Clio as it was written, and never shows its token to the storage host', async () => {
    const { output, writes } = await execute(uploadDocument, input);
    // Clio tells of both versions, and both are echoes.
    const etags = sandbox.control.ledger().filter(({ model }) => model === 'document');
    expect(writes).toEqual(etags.map(({ etag }) => ({ model: 'document', id: '1', etag })));
    expect(writes).toHaveLength(2);
    expect(output).toMatchObject({
      name: 'Summary.txt',
      matter: { id: 1 },
      latest_document_version: { fully_uploaded: true },
    });
    expect(sandbox.control.uploaded(1)).toBe(input.text);
    // The sandbox's storage host refuses a request that carries a token.
    expect(sandbox.control.calls().map(({ method, status }) => [method, status])).toEqual([
      ['POST', 201],
      ['PUT', 200],
      ['PATCH', 200],
    ]);
  });

  it('goes on with the record of a try that was cut short', async () => {
    sandbox.control.fault({ on: 'request', method: 'PUT', path: '/uploads/', kind: 'status', status: 403 });
    await expect(execute(uploadDocument, input)).rejects.toMatchObject({
      code: 'clio.upload_refused',
      retry: 'later',
      applied: 'maybe',
    });
    const { output } = await tryAgain(uploadDocument, input);
    expect(output).toMatchObject({ id: 1 });
    expect(sandbox.control.records('document')).toHaveLength(1);
  });

  it('begins anew where the upload address has expired, and leaves no empty document behind', async () => {
    sandbox.control.fault({ on: 'request', method: 'PUT', path: '/uploads/', kind: 'reset-before' });
    await expect(execute(uploadDocument, input)).rejects.toMatchObject({ applied: 'maybe' });
    await clock.advance(11 * MINUTE);
    const { output } = await tryAgain(uploadDocument, input);
    expect(output).toMatchObject({ id: 2 });
    expect(visible()).toMatchObject([{ id: 2, name: 'Summary.txt' }]);
    expect(sandbox.control.uploaded(2)).toBe(input.text);
  });

  it('says that a record may be there when the storage host cannot be reached', async () => {
    sandbox.control.fault({ on: 'request', method: 'PUT', path: '/uploads/', kind: 'status', status: 503 });
    await expect(execute(uploadDocument, input)).rejects.toMatchObject({
      code: 'clio.server_error',
      applied: 'maybe',
      message: expect.not.stringContaining('http') as unknown,
    });
  });

  it.each([{}, { matter: 1, contact: 1 }, { folder: { name: 'Pleadings' } }])(
    'needs one place to go to, and has %j',
    (place) => {
      const parsed = uploadDocument.input.safeParse({ name: 'A', text: 'B', ...place });
      expect(parsed.error?.issues).toMatchObject([{ path: ['matter'] }]);
    },
  );

  it('is undone into the trash, once, and not when somebody has worked on it', async () => {
    const first = await execute(uploadDocument, input);
    expect(await undo(uploadDocument, input, first)).toMatchObject({ result: 'undone' });
    expect(visible()).toEqual([]);
    expect(await undo(uploadDocument, input, first)).toMatchObject({ result: 'gone' });
    const second = await execute(uploadDocument, input);
    sandbox.control.update('document', 2, { name: 'Mine now.txt' });
    expect(await undo(uploadDocument, input, second)).toMatchObject({ result: 'touched' });
    expect(visible()).toMatchObject([{ name: 'Mine now.txt' }]);
  });
});

describe('clio.document.generate', () => {
  const input = {
    matter: 1,
    document_template: { name: 'Engagement letter.docx' },
    filename: 'Engagement letter',
  };

  it('waits until Clio is done, longer from try to try, and makes one automation', async () => {
    const waits: unknown[] = [];
    for (let inDoubt = false; ; inDoubt = true) {
      const going = inDoubt ? tryAgain(generateDocument, input) : execute(generateDocument, input);
      const done = await going.catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'clio.not_ready', retry: 'later', applied: 'maybe' });
        waits.push((error as { retryAfterMs: number }).retryAfterMs);
      });
      if (done !== undefined) {
        expect(done.output).toMatchObject({
          state: 'completed',
          documents: [{ id: 1, name: 'Engagement letter.docx' }],
        });
        expect(done.writes).toMatchObject([{ model: 'document', id: '1', etag: expect.any(String) }]);
        break;
      }
      await clock.advance(14_000);
    }
    expect(waits).toEqual([10_000, 10_000, 10_000]);
    expect(sandbox.control.records('document_automation')).toHaveLength(1);
  });

  it('asks a slow Clio less and less often', async () => {
    await expect(execute(generateDocument, input)).rejects.toThrow();
    sandbox.control.update('document_automation', 1, { state: 'not_started' });
    await clock.advance(20 * MINUTE);
    await expect(tryAgain(generateDocument, input)).rejects.toMatchObject({ retryAfterMs: 5 * MINUTE });
    await clock.advance(20 * 60 * MINUTE);
    await expect(tryAgain(generateDocument, input)).rejects.toMatchObject({ retryAfterMs: 15 * MINUTE });
    await clock.advance(4 * 60 * MINUTE);
    await expect(tryAgain(generateDocument, input)).rejects.toMatchObject({
      code: 'clio.timeout',
      retry: 'never',
      applied: 'maybe',
    });
  });

  it('finds its own automation among others of the same name', async () => {
    await expect(execute(generateDocument, input)).rejects.toThrow();
    await clock.advance(2 * MINUTE);
    context = { ...context, startedAt: clock.now() };
    await expect(execute(generateDocument, input)).rejects.toThrow();
    await clock.advance(2 * MINUTE);
    expect((await tryAgain(generateDocument, input)).output).toMatchObject({ id: 2 });
    context = { ...context, startedAt: noon };
    expect((await tryAgain(generateDocument, input)).output).toMatchObject({ id: 1 });
  });

  it.each(['failed', 'empty'])('fails the step when the automation is %s', async (state) => {
    const database = await databases[0].open();
    const fixture = await RunFixture.start(database.database, sandbox.origin, [], sandbox.control.token());
    const run = await fixture.plan([{ action: generateDocument.name, with: input }], '1');
    await fixture.drain();
    sandbox.control.update('document_automation', 1, { state });
    fixture.advance(60);
    await fixture.drain();
    expect((await fixture.steps(run))[0]).toMatchObject({
      status: 'failed',
      error: {
        code: 'clio.invalid',
        message: expect.stringContaining(`automation 1 is ${state}`) as unknown,
      },
    });
    expect(sandbox.control.records('document_automation')).toHaveLength(1);
    await database.close();
  });

  it('uses up none of its tries while it waits', async () => {
    const database = await databases[0].open();
    const fixture = await RunFixture.start(database.database, sandbox.origin, [], sandbox.control.token());
    const step = { action: generateDocument.name, with: input as never, retry: { max_attempts: 1 } };
    const run = await fixture.plan([step], '1');
    for (let seconds = 0; seconds <= 60; seconds += 10) {
      await fixture.drain();
      fixture.advance(10);
      await clock.advance(10_000);
    }
    expect(await fixture.run(run)).toMatchObject({ status: 'done' });
    expect((await fixture.attempts(run)).length).toBeGreaterThan(2);
    expect(visible()).toHaveLength(1);
    await database.close();
  });

  it('names the templates there are', async () => {
    const wanted = { ...input, document_template: { name: 'Engagement leter.docx' } };
    await expect(execute(generateDocument, wanted)).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringMatching(
        /Did you mean "Engagement letter.docx"\?.*Closing letter.docx/,
      ) as unknown,
    });
  });
});

describe('clio.folder.create', () => {
  const input = { name: 'Drafts', matter: 1, folder: { name: 'Pleadings' } };
  const folder = (name = 'Pleadings') =>
    sandbox.control.create('folder', { name, parent: { id: 1, type: 'Matter' } });

  it('finds the folder to put it into by name', async () => {
    const { id } = folder();
    expect((await execute(createFolder, input)).output).toMatchObject({ parent: { id, name: 'Pleadings' } });
  });

  it('lists the folders when none has the name, and the ids when several have', async () => {
    folder('Correspondence');
    await expect(execute(createFolder, input)).rejects.toMatchObject({
      code: 'clio.no_match',
      message: 'The matter 1 has no folder "Pleadings". It has: Correspondence.',
    });
    folder();
    folder();
    await expect(execute(createFolder, input)).rejects.toMatchObject({
      code: 'clio.ambiguous',
      message: expect.stringContaining('ids 3, 4') as unknown,
    });
  });

  it('is undone while it is empty, and left alone once there is something in it', async () => {
    folder();
    const made = await execute(createFolder, input);
    const { id } = made.output;
    sandbox.control.create('document', { name: 'A', parent: { id, type: 'Folder' } });
    expect(await undo(createFolder, input, made)).toMatchObject({ result: 'touched' });
    sandbox.control.remove('document', 1);
    expect(await undo(createFolder, input, made)).toMatchObject({ result: 'undone' });
    expect(await undo(createFolder, input, made)).toMatchObject({ result: 'gone' });
  });
});
