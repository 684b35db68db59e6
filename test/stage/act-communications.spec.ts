import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Action, ActionContext } from '../../src/act/action.js';
import { logEmail } from '../../src/act/log-email.action.js';
import { logPhoneCall } from '../../src/act/log-phone-call.action.js';
import { sendMessage } from '../../src/act/send-message.action.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext, noon } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { TestClock } from '../support/test-clock.js';

let sandbox: Sandbox;
let context: ActionContext & { logged: string[] };

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new TestClock(noon.getTime()), rateLimit: 10_000 });
  sandbox.control.create('matter', { description: 'Dissolution', responsible_attorney: { id: 1 } });
  context = anActionContext(aClioClient(sandbox.origin, sandbox.control.token()));
});
afterEach(() => sandbox.stop());

const execute = (action: Action, input: object) => action.execute(action.input.parse(input), context);
const probe = (action: Action, input: object) => action.probe?.(action.input.parse(input), context);

describe('communications that are written down', () => {
  const from = [{ contact: { email: 'Jane.Doe@example.com' } }];
  const input = { subject: 'Intake', body: 'Asked about the fee', from, to: [{ user: 2 }] };

  it.each([
    { action: logPhoneCall, type: 'PhoneCommunication' },
    { action: logEmail, type: 'EmailCommunication' },
  ])('$type has the people, the text as it is, and the time of the first try', async ({ action, type }) => {
    await execute(action, input);
    expect(sandbox.control.record('communication', 1)).toMatchObject({
      type,
      body: 'Asked about the fee',
      senders: [{ id: 1, type: 'Person' }],
      receivers: [{ id: 2, type: 'User' }],
      received_at: '2026-11-24T07:00:00-05:00',
      external_properties: [{ name: 'praetor', value: context.reference }],
    });
  });

  it('is found by its property, and when there are two the oldest is kept and the other named', async () => {
    await execute(logPhoneCall, input);
    await execute(logPhoneCall, input);
    expect(await probe(logPhoneCall, input)).toMatchObject({
      output: { id: 1, duplicate_ids: [2], alert: true },
      adopted: true,
    });
    expect(context.logged).toEqual([expect.stringContaining('Delete the others by hand: 2.')]);
  });

  it('is found although the filter does not know it yet', async () => {
    await execute(logPhoneCall, input);
    const none = { data: [], meta: { paging: {} } };
    sandbox.control.fault({
      on: 'request',
      method: 'GET',
      path: '/communications',
      kind: 'status',
      status: 200,
      body: none,
    });
    expect(await probe(logPhoneCall, input)).toMatchObject({ output: { id: 1 } });
  });

  it('is not mistaken for that of another step', async () => {
    await execute(logPhoneCall, input);
    context = { ...context, reference: 'OTHER123' };
    expect(await probe(logPhoneCall, input)).toBeNull();
  });
});

describe('clio.conversation_message.send', () => {
  const input = { subject: 'Papers', body: 'Please sign', receivers: [{ contact: 1 }] };

  it('ends with the reference, by which it is found in the conversation it began', async () => {
    const { output } = await execute(sendMessage, input);
    expect(output).toMatchObject({
      id: 1,
      body: `Please sign\n\n${context.marker}`,
      conversation: { id: 1, subject: 'Papers' },
    });
    expect(await probe(sendMessage, input)).toEqual({
      output,
      writes: expect.any(Array) as unknown,
      adopted: true,
    });
  });

  it('is found in an old conversation that it answered in', async () => {
    sandbox.control.create('conversation_message', {
      ...input,
      receivers: [{ id: 1, type: 'Contact' }],
      body: 'First',
    });
    const answer = { ...input, conversation: 1 };
    expect(await probe(sendMessage, answer)).toBeNull();
    await execute(sendMessage, answer);
    expect(await probe(sendMessage, answer)).toMatchObject({ output: { id: 2 } });
    expect(sandbox.control.records('conversation')).toHaveLength(1);
  });

  it('needs somebody to go to', () => {
    expect(sendMessage.input.safeParse({ ...input, receivers: [] }).success).toBe(false);
  });

  it('cannot be undone', () => {
    expect(sendMessage.undo).toBeUndefined();
  });
});
