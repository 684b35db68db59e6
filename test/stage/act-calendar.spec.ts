import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Action, ActionContext, ActionResult } from '../../src/act/action.js';
import { createCalendarEntry } from '../../src/act/create-calendar-entry.action.js';
import { createReminder } from '../../src/act/create-reminder.action.js';
import { updateCalendarEntry } from '../../src/act/update-calendar-entry.action.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext, noon } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { TestClock } from '../support/test-clock.js';

let sandbox: Sandbox;
let context: ActionContext;

beforeEach(async () => {
  sandbox = await startSandbox({ clock: new TestClock(noon.getTime()), rateLimit: 10_000 });
  sandbox.control.create('matter', { description: 'Dissolution', responsible_attorney: { id: 1 } });
  context = anActionContext(aClioClient(sandbox.origin, sandbox.control.token()));
});
afterEach(() => sandbox.stop());

const execute = (action: Action, input: object) => action.execute(action.input.parse(input), context);
const undo = (action: Action, input: object, { output, writes }: ActionResult) =>
  action.undo?.({ input: action.input.parse(input), output, writes }, context);

const [START, END] = ['2026-12-01T09:00:00-05:00', '2026-12-01T10:30:00-05:00'];
const hearing = { summary: 'Hearing', start_at: START, end_at: END };
const entry = () => sandbox.control.record('calendar_entry', 1);

describe('clio.calendar_entry.create', () => {
  const ownerOf = async (input: object) =>
    (await execute(createCalendarEntry, { ...hearing, ...input })).output['calendar_owner'];

  it.each([
    { calendar: { name: 'Court dates' }, id: 3 },
    { calendar: { user: 'Paul.Marsh@praetor-law.example' }, id: 2 },
    { calendar: { user: 2 }, id: 2 },
    { calendar: 2, id: 2 },
    { calendar: { role: 'responsible_attorney' }, matter: 1, id: 1 },
    { matter: 1, id: 1 },
  ])('goes into the calendar of $calendar', async ({ id, ...input }) => {
    expect(await ownerOf(input)).toMatchObject({ id });
  });

  it('lists the ids when several calendars have the name, and the names when none has', async () => {
    sandbox.control.create('calendar', { name: 'Court dates' });
    await expect(ownerOf({ calendar: { name: 'Court dates' } })).rejects.toMatchObject({
      code: 'clio.ambiguous',
      message: expect.stringContaining('ids 3, 4') as unknown,
    });
    await expect(ownerOf({ calendar: { name: 'Court date' } })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringMatching(/Did you mean "Court dates"\?.*Alexandra Reed, Paul Marsh/) as unknown,
    });
  });

  it('says so when a user has no calendar that the connection may see', async () => {
    sandbox.control.update('user', 2, { default_calendar_id: null });
    await expect(ownerOf({ calendar: { user: 2 } })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('no calendar of user 2') as unknown,
    });
  });

  it('invites contacts, users and calendars, each once', async () => {
    const paul = [
      { user: 2 },
      { user: 'paul.marsh@praetor-law.example' },
      { calendar: { name: 'Paul Marsh' } },
    ];
    const input = {
      ...hearing,
      matter: 1,
      attendees: [{ contact: 1 }, { contact: { name: 'Jane Doe' } }, ...paul],
    };
    const { output } = await execute(createCalendarEntry, input);
    expect(output['attendees']).toEqual([
      { id: 1, type: 'Contact', name: 'Jane Doe' },
      { id: 2, type: 'Calendar', name: 'Paul Marsh' },
    ]);
  });

  it('lasts whole days when it starts on a day', async () => {
    const input = { summary: 'Trial', start_at: '2026-12-01', calendar: 1 };
    const { output } = await execute(createCalendarEntry, input);
    expect(output).toMatchObject({ all_day: true, start_at: '2026-12-01T00:00:00-05:00' });
  });

  it.each([
    { input: { start_at: START, calendar: 1 }, path: 'end_at' },
    { input: { start_at: START, end_at: '2026-12-01', calendar: 1 }, path: 'end_at' },
    { input: { start_at: END, end_at: START, calendar: 1 }, path: 'end_at' },
    { input: { start_at: '2026-12-01T09:00:00', end_at: END, calendar: 1 }, path: 'start_at' },
    { input: { start_at: START, end_at: END }, path: 'calendar' },
  ])('refuses $input', ({ input, path }) => {
    const parsed = createCalendarEntry.input.safeParse({ summary: 'Hearing', ...input });
    expect(parsed.error?.issues[0]).toMatchObject({ path: [path] });
  });

  it('is undone unless somebody has changed it', async () => {
    const input = { ...hearing, calendar: 1 };
    const first = await execute(createCalendarEntry, input);
    expect(await undo(createCalendarEntry, input, first)).toMatchObject({ result: 'undone' });
    expect(await undo(createCalendarEntry, input, first)).toMatchObject({ result: 'gone' });
    const second = await execute(createCalendarEntry, input);
    sandbox.control.update('calendar_entry', 2, { location: 'Court 4' });
    expect(await undo(createCalendarEntry, input, second)).toMatchObject({ result: 'touched' });
    expect(sandbox.control.record('calendar_entry', 2)).toMatchObject({ location: 'Court 4' });
  });
});

describe('clio.calendar_entry.update', () => {
  beforeEach(() => {
    const attendees = [{ id: 1, type: 'Contact' }];
    sandbox.control.create('calendar_entry', { ...hearing, calendar_owner: { id: 1 }, attendees });
  });
  const change = (input: object) => execute(updateCalendarEntry, { calendar_entry: '1', ...input });
  const patches = () => sandbox.control.calls().filter(({ method }) => method === 'PATCH');

  it('keeps its length when only the start is given', async () => {
    await change({ start_at: '2026-12-02T14:00:00Z' });
    expect(entry()).toMatchObject({
      start_at: '2026-12-02T09:00:00-05:00',
      end_at: '2026-12-02T10:30:00-05:00',
    });
  });

  it('keeps its days when an all-day entry is moved', async () => {
    await change({ start_at: '2026-12-01', end_at: '2026-12-03' });
    expect(entry()).toMatchObject({ all_day: true });
    await change({ start_at: '2026-12-31' });
    expect(entry()).toMatchObject({
      start_at: '2026-12-31T00:00:00-05:00',
      end_at: '2027-01-02T00:00:00-05:00',
    });
  });

  it.each([{ start_at: '2026-12-02' }, { end_at: '2026-12-02' }, { start_at: START, end_at: '2026-12-02' }])(
    'needs both ends to become an all-day entry: %j',
    async (input) => {
      await expect(change(input)).rejects.toMatchObject({ code: 'rule.input_invalid' });
    },
  );

  it('sends nothing for what is so already, however its times are written', async () => {
    const same = {
      start_at: '2026-12-01T14:00:00Z',
      summary: 'Hearing',
      calendar: { name: 'Alexandra Reed' },
    };
    const result = await change({
      ...same,
      add_attendees: [{ contact: 1 }],
      remove_attendees: [{ user: 2 }],
    });
    expect(result).toMatchObject({ adopted: true, writes: [], output: { previous: {} } });
    expect(patches()).toEqual([]);
  });

  it('leaves the attendees that are not named', async () => {
    await change({ add_attendees: [{ user: 2 }, { calendar: 3 }] });
    await change({ remove_attendees: [{ user: 2 }] });
    expect(entry()?.['attendees']).toMatchObject([
      { id: 1, type: 'Contact' },
      { id: 3, type: 'Calendar' },
    ]);
  });

  it('is undone: times, calendar and attendees are as before', async () => {
    const before = entry();
    const input = {
      calendar_entry: '1',
      start_at: '2026-12-02T14:00:00Z',
      calendar: 3,
      add_attendees: [{ user: 2 }],
      remove_attendees: [{ contact: 1 }],
    };
    const done = await execute(updateCalendarEntry, input);
    expect(entry()).toMatchObject({ calendar_owner: { id: 3 }, attendees: [{ id: 2, type: 'Calendar' }] });
    expect(await undo(updateCalendarEntry, input, done)).toMatchObject({ result: 'undone' });
    for (const field of ['start_at', 'end_at', 'all_day']) expect(entry()?.[field]).toEqual(before?.[field]);
    expect(entry()).toMatchObject({ calendar_owner: { id: 1 }, attendees: [{ id: 1, type: 'Contact' }] });
    expect(await undo(updateCalendarEntry, input, done)).toMatchObject({ result: 'touched' });
    sandbox.control.remove('calendar_entry', '1');
    expect(await undo(updateCalendarEntry, input, done)).toMatchObject({ result: 'gone' });
  });

  it('refuses to change a version that somebody has changed since it was read', async () => {
    sandbox.control.fault({ on: 'request', method: 'PATCH', kind: 'status', status: 412 });
    await expect(change({ summary: 'Trial' })).rejects.toMatchObject({
      code: 'clio.precondition_failed',
      retry: 'later',
      applied: 'no',
    });
  });
});

describe('clio.reminder.create', () => {
  const remind = (input: object) =>
    execute(createReminder, { task: 1, duration_value: 2, duration_unit: 'hours', ...input });
  const task = (attributes: object = {}) =>
    sandbox.control.create('task', { name: 'File', description: 'It', matter: { id: 1 }, ...attributes });

  it.each([
    { input: {}, method: 3 },
    { input: { method: 'Popup' }, method: 4 },
    { input: { user: { role: 'responsible_attorney' } }, method: 1 },
    { input: { user: { user: 'alexandra.reed@praetor-law.example' }, method: 'Popup' }, method: 2 },
    { input: { user: 1 }, method: 1 },
  ])('reaches the right person in the right way: $input', async ({ input, method }) => {
    task({ assignee: { id: 2, type: 'User' } });
    expect((await remind(input)).output).toMatchObject({
      duration: 120,
      notification_method: { id: method },
      subject: { id: 1, type: 'Task' },
    });
  });

  it('names the ways there are when Clio cannot remind somebody so', async () => {
    task({ assignee: { id: 2, type: 'User' } });
    await expect(remind({ method: 'SMS' })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('Paul Marsh by SMS. It has: Email, Popup.') as unknown,
    });
    task({ assignee: { id: 1, type: 'Contact' } });
    await expect(remind({ task: 2 })).rejects.toMatchObject({
      message: expect.stringContaining('Jane Doe by Email. It has: no way at all.') as unknown,
    });
  });

  it('does not take another reminder of the task for its own', async () => {
    task();
    await remind({ duration_value: 1 });
    await remind({ method: 'Popup' });
    const again = { ...context, inDoubt: true };
    const input = createReminder.input.parse({ task: 1, duration_value: 2, duration_unit: 'hours' });
    expect(await createReminder.probe?.(input, again)).toBeNull();
    await remind({});
    expect(await createReminder.probe?.(input, again)).toMatchObject({ output: { id: 3 }, adopted: true });
  });

  it.each([{ task: 1, calendar_entry: '1', user: 1 }, { user: 1 }, { calendar_entry: '1' }])(
    'refuses %j: it is about one thing and for somebody',
    (input) => {
      const parsed = createReminder.input.safeParse({ ...input, duration_value: 1, duration_unit: 'days' });
      expect(parsed.success).toBe(false);
    },
  );
});
