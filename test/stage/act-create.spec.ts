import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActionContext } from '../../src/act/action.js';
import { createNote } from '../../src/act/create-note.action.js';
import { createTask } from '../../src/act/create-task.action.js';
import type { ClioClient } from '../../src/clio/clio.client.js';
import { anActionContext } from '../support/action-context.js';
import { aClioClient } from '../support/clio-client.js';
import { ScriptedClio } from '../support/scripted-clio.js';

let clio: ScriptedClio;
let client: ClioClient;
let context: ActionContext & { logged: string[] };

beforeEach(async () => {
  clio = await ScriptedClio.start();
  client = aClioClient(clio.baseUrl);
  context = anActionContext(client);
});

afterEach(async () => {
  await clio.stop();
  expect(clio.unexpected).toEqual([]);
});

const made = {
  id: 501,
  etag: '"e1"',
  name: 'Call',
  status: 'pending',
  priority: 'High',
  due_at: '2026-11-30',
  created_at: '2026-11-24T12:00:01Z',
  assignee: { id: 9, name: 'Ada Byron', etag: '"x"' },
  matter: null,
};

describe('clio.task.create', () => {
  const execute = (input: Record<string, unknown>) =>
    createTask.execute(createTask.input.parse(input), context);

  it('sends every field in the shape Clio takes and gives back what Clio made', async () => {
    clio.on('POST', 'tasks', { data: made });
    const result = await execute({
      name: 'Call',
      description: 'Call the client.',
      matter: 77,
      assignee: 9,
      due_at: '2026-11-30',
      priority: 'High',
      task_type: 4,
    });
    expect(clio.calls).toHaveLength(1);
    expect(clio.calls[0]).toMatchObject({
      query: {
        fields: 'id,etag,name,status,priority,due_at,created_at,assignee{id,name},matter{id,display_number}',
      },
      body: {
        data: {
          name: 'Call',
          description: `Call the client.\n\n${context.marker}`,
          matter: { id: 77 },
          assignee: { id: 9, type: 'User' },
          due_at: '2026-11-30',
          priority: 'High',
          task_type: { id: 4 },
        },
      },
    });
    expect(result).toEqual({
      output: {
        id: 501,
        etag: '"e1"',
        name: 'Call',
        status: 'pending',
        priority: 'High',
        due_at: '2026-11-30',
        created_at: '2026-11-24T12:00:01Z',
        assignee: { id: 9, name: 'Ada Byron' },
        matter: null,
      },
      writes: [{ model: 'task', id: '501', etag: '"e1"' }],
    });
  });

  it('describes a task by its name when the rule does not, and sends nothing the rule left out', async () => {
    clio.on('POST', 'tasks', { data: made });
    await execute({ name: 'Call', assignee: 9 });
    expect(clio.calls[0]?.body).toEqual({
      data: { name: 'Call', description: `Call\n\n${context.marker}`, assignee: { id: 9, type: 'User' } },
    });
  });

  it('marks rich text with a paragraph', async () => {
    clio.on('POST', 'tasks', { data: made });
    await execute({
      name: 'Call',
      description: '<p>Now</p>',
      description_text_type: 'rich_text',
      assignee: 9,
    });
    expect(clio.calls[0]?.body).toMatchObject({
      data: { description: `<p>Now</p><p>${context.marker}</p>`, description_text_type: 'rich_text' },
    });
  });

  it.each([
    { input: { assignee: { role: 'originating_attorney' } }, id: 12 },
    { input: { assignee: { role: 'responsible_staff' } }, id: 13 },
    { input: {}, id: 11 },
  ])("gives the task to the matter's person: $input", async ({ input, id }) => {
    const people = {
      responsible_attorney: { id: 11 },
      originating_attorney: { id: 12 },
      responsible_staff: { id: 13 },
    };
    clio.on('GET', 'matters', { data: [{ id: 77, ...people }] }).on('POST', 'tasks', { data: made });
    await execute({ name: 'Call', matter: 77, ...input });
    expect(clio.made('GET', 'matters')[0]?.query).toMatchObject({
      'ids[]': '77',
      fields: 'id,responsible_attorney{id,name},originating_attorney{id,name},responsible_staff{id,name}',
    });
    expect(clio.made('POST', 'tasks')[0]?.body).toMatchObject({ data: { assignee: { id, type: 'User' } } });
  });

  it('asks once for the people of all matters of a batch', async () => {
    const matters = [77, 78, 79].map((id) => ({ id, responsible_attorney: { id: id + 1000 } }));
    clio.on('GET', 'matters', { data: matters }).on('POST', 'tasks', { data: made });
    await Promise.all([77, 78, 79, 77].map((matter) => execute({ name: 'Call', matter })));
    expect(clio.made('GET', 'matters').map(({ query }) => query['ids[]'])).toEqual(['77,78,79']);
    expect(clio.made('POST', 'tasks')).toHaveLength(4);
    await execute({ name: 'Call', matter: 78 });
    expect(clio.made('GET', 'matters').map(({ query }) => query['ids[]'])).toEqual(['77,78,79', '78']);
  });

  it('names the role and the matter when nobody has the role', async () => {
    clio.on('GET', 'matters', { data: [{ id: 77, responsible_attorney: null }] });
    await expect(execute({ name: 'Call', matter: 77 })).rejects.toMatchObject({
      code: 'clio.no_match',
      retry: 'never',
      applied: 'no',
      message: expect.stringMatching(
        /Matter 77 has no responsible attorney \(responsible_attorney\)/,
      ) as unknown,
    });
  });

  it('says so when the matter is not there for this user', async () => {
    clio.on('GET', 'matters', { data: [] });
    await expect(execute({ name: 'Call', matter: 77 })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('no matter 77') as unknown,
    });
  });

  it('says so when a role is asked for and the step names no matter', async () => {
    await expect(execute({ name: 'Call', assignee: { role: 'responsible_staff' } })).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringContaining('Add "matter"') as unknown,
    });
  });

  it('refuses a task that nobody could get', () => {
    expect(createTask.input.safeParse({ name: 'Call' }).error?.issues).toMatchObject([
      { path: ['assignee'] },
    ]);
  });

  describe('assignee by e-mail address', () => {
    const users = [
      { id: 8, name: 'Ada', email: 'ada@firm.example', enabled: true },
      { id: 9, name: 'Old Ada', email: 'old.ada@firm.example', enabled: false },
    ];
    const fewer = users.slice(0, 1);

    it('finds the user whatever the letter case, with one call for many tasks', async () => {
      clio.on('GET', 'users', { data: users }).on('POST', 'tasks', { data: made });
      await execute({ name: 'Call', assignee: { user: 'Ada@Firm.example' } });
      await execute({ name: 'Call', assignee: { user: 'ada@firm.example' } });
      expect(clio.made('GET', 'users')).toHaveLength(1);
      expect(clio.made('POST', 'tasks').map(({ body }) => body)).toMatchObject([
        { data: { assignee: { id: 8 } } },
        { data: { assignee: { id: 8 } } },
      ]);
    });

    it('finds a user by name as well, unless two have it', async () => {
      const twins = [10, 11].map((id) => ({ id, name: 'Sam Lee', email: `sam${id}@firm.example` }));
      clio.on('GET', 'users', { data: [...users, ...twins] }).on('POST', 'tasks', { data: made });
      await execute({ name: 'Call', assignee: { name: 'Ada' } });
      expect(clio.made('POST', 'tasks')[0]?.body).toMatchObject({ data: { assignee: { id: 8 } } });
      await expect(execute({ name: 'Call', assignee: { name: 'Sam Lee' } })).rejects.toMatchObject({
        code: 'clio.ambiguous',
        message: expect.stringContaining('2 of the user "Sam Lee" (ids 10, 11)') as unknown,
      });
      await expect(execute({ name: 'Call', assignee: { name: 'Old Ada' } })).rejects.toMatchObject({
        code: 'clio.no_match',
      });
    });

    it('does not take a part of an address for the address', async () => {
      clio.on('GET', 'users', { data: users });
      await expect(execute({ name: 'Call', assignee: { user: 'da@firm.example' } })).rejects.toMatchObject({
        code: 'clio.no_match',
        message: expect.stringContaining('No user in Clio has the e-mail address da@firm.example') as unknown,
      });
    });

    it('lists the addresses there are, and the ids when two users have one', async () => {
      const twin = { id: 10, name: 'Ada II', email: 'ADA@firm.example', enabled: true };
      clio.on('GET', 'users', { data: users }, { data: [...users, twin] });
      await expect(execute({ name: 'Call', assignee: { user: 'ada@firm.exmple' } })).rejects.toMatchObject({
        message: expect.stringContaining(
          'Did you mean "ada@firm.example"? Active are: ada@firm.example.',
        ) as unknown,
      });
      context = { ...context, now: new Date(context.now.getTime() + 10 * 60_000) };
      await expect(execute({ name: 'Call', assignee: { user: 'ada@firm.example' } })).rejects.toMatchObject({
        code: 'clio.ambiguous',
        message: expect.stringContaining('(ids 8, 10)') as unknown,
      });
    });

    it('refuses a user who is no longer active', async () => {
      clio.on('GET', 'users', { data: users });
      await expect(
        execute({ name: 'Call', assignee: { user: 'old.ada@firm.example' } }),
      ).rejects.toMatchObject({
        code: 'clio.no_match',
        message: expect.stringContaining('not active') as unknown,
      });
    });

    it('looks again before it believes that somebody is missing', async () => {
      const late = { id: 10, name: 'New', email: 'new@firm.example', enabled: true };
      clio
        .on('GET', 'users', { data: fewer }, { data: [...fewer, late] })
        .on('POST', 'tasks', { data: made });
      await execute({ name: 'Call', assignee: { user: 'ada@firm.example' } });
      await Promise.all([1, 2].map(() => execute({ name: 'Call', assignee: { user: 'new@firm.example' } })));
      expect(clio.made('GET', 'users')).toHaveLength(2);
      expect(clio.made('POST', 'tasks')).toHaveLength(3);
    });

    it('reads the list again after ten minutes, and after a failure', async () => {
      clio.on('GET', 'users', { status: 500 }, { data: users }).on('POST', 'tasks', { data: made });
      const input = { name: 'Call', assignee: { user: 'ada@firm.example' } };
      await expect(execute(input)).rejects.toMatchObject({ code: 'clio.server_error' });
      await execute(input);
      context = { ...context, now: new Date(context.now.getTime() + 10 * 60_000) };
      await execute(input);
      expect(clio.made('GET', 'users')).toHaveLength(3);
    });
  });

  it('finds a task type by name, and lists the names when there is none', async () => {
    clio.on('GET', 'task_types', { data: [{ id: 4, name: 'Filing' }] }).on('POST', 'tasks', { data: made });
    await execute({ name: 'Call', assignee: 9, task_type: { name: 'Filing' } });
    expect(clio.made('POST', 'tasks')[0]?.body).toMatchObject({ data: { task_type: { id: 4 } } });
    await expect(
      execute({ name: 'Call', assignee: 9, task_type: { name: 'Filling' } }),
    ).rejects.toMatchObject({
      code: 'clio.no_match',
      message: expect.stringMatching(/Did you mean "Filing"\?.*It has: Filing/) as unknown,
    });
  });
});

describe('the probe of clio.task.create', () => {
  const probe = (input: Record<string, unknown>) =>
    createTask.probe?.(createTask.input.parse(input), context);
  const task = (id: number, description: string) => ({ ...made, id, description });

  it("looks on the matter, from five minutes before the first try, by the marker's text", async () => {
    clio.on('GET', 'tasks', { data: [task(502, `Call\n\n${context.marker}`)] });
    const result = await probe({ name: 'Call', matter: 77 });
    expect(clio.calls).toHaveLength(1);
    expect(clio.calls[0]?.query).toMatchObject({
      matter_id: '77',
      created_since: '2026-11-24T11:55:00.000Z',
      query: context.marker,
      fields: expect.stringMatching(/^id,etag,.*,description$/) as unknown,
    });
    expect(result).toMatchObject({
      output: { id: 502 },
      writes: [{ model: 'task', id: '502', etag: '"e1"' }],
      adopted: true,
    });
    expect(result?.output).not.toHaveProperty('description');
  });

  it('reads all new tasks when the search does not know the task yet', async () => {
    const others = [task(400, 'Automation 00000000'), task(401, `See ${context.marker} there`)];
    clio.on('GET', 'tasks', { data: [] }, { data: [...others, task(502, `Call\n\n${context.marker}`)] });
    expect(await probe({ name: 'Call', assignee: 9 })).toMatchObject({ output: { id: 502 } });
    expect(clio.calls[1]?.query).not.toHaveProperty('query');
    expect(clio.calls[1]?.query).not.toHaveProperty('matter_id');
  });

  it('finds nothing where nothing is', async () => {
    clio.on('GET', 'tasks', { data: [] });
    expect(await probe({ name: 'Call', matter: 77 })).toBeNull();
  });

  it('keeps the oldest of several, names the others and says so', async () => {
    const twins = [503, 502, 504].map((id) => task(id, String(context.marker)));
    clio.on('GET', 'tasks', { data: twins });
    const result = await probe({ name: 'Call', matter: 77 });
    expect(result?.output).toMatchObject({ id: 502, duplicate_ids: [503, 504], alert: true });
    expect(context.logged).toEqual([expect.stringMatching(/3 task records.*502.*503, 504/)]);
  });
});

describe('clio.note.create', () => {
  const note = {
    id: 900,
    etag: '"n1"',
    type: 'Matter',
    subject: 'Opened',
    date: '2026-11-24',
    created_at: '2026-11-24T12:00:01Z',
    matter: { id: 77, display_number: '00077-Doe' },
    contact: null,
  };
  const execute = (input: Record<string, unknown>) =>
    createNote.execute(createNote.input.parse(input), context);

  it('writes a note on a matter', async () => {
    clio.on('POST', 'notes', { data: note });
    const input = { type: 'Matter', matter: 77, subject: 'Opened', detail: 'By rule.', date: '2026-11-24' };
    const result = await execute(input);
    expect(clio.calls[0]).toMatchObject({
      query: { fields: 'id,etag,type,subject,date,created_at,matter{id,display_number},contact{id,name}' },
    });
    expect(clio.calls[0]?.body).toEqual({
      data: {
        type: 'Matter',
        matter: { id: 77 },
        subject: 'Opened',
        detail: `By rule.\n\n${context.marker}`,
        date: '2026-11-24',
      },
    });
    expect(result).toEqual({ output: note, writes: [{ model: 'note', id: '900', etag: '"n1"' }] });
  });

  it('writes a rich note without a text of its own on a contact', async () => {
    clio.on('POST', 'notes', { data: { ...note, etag: undefined } });
    const result = await execute({
      type: 'Contact',
      contact: 5,
      subject: 'Opened',
      detail_text_type: 'rich_text',
    });
    expect(clio.calls[0]?.body).toEqual({
      data: {
        type: 'Contact',
        contact: { id: 5 },
        subject: 'Opened',
        detail: `<p>${context.marker}</p>`,
        detail_text_type: 'rich_text',
      },
    });
    expect(result.writes).toEqual([{ model: 'note', id: '900', etag: null }]);
    expect(result.output).toMatchObject({ etag: null });
  });

  it.each([
    { type: 'Matter', contact: 5 },
    { type: 'Matter', matter: 77, contact: 5 },
    { type: 'Contact', matter: 77 },
    { type: 'Contact' },
  ])('refuses %j: the type says which parent it has', (parent) => {
    const parsed = createNote.input.safeParse({ ...parent, subject: 'Opened' });
    expect(parsed.error?.issues).toMatchObject([{ path: ['type'] }]);
  });

  it.each([
    { parent: { type: 'Matter', matter: 77 }, filter: { matter_id: '77' } },
    { parent: { type: 'Contact', contact: 5 }, filter: { contact_id: '5' } },
  ])('probes the notes of its parent: $filter', async ({ parent, filter }) => {
    clio.on('GET', 'notes', { data: [{ ...note, detail: `By rule.<br>${context.marker}` }] });
    const found = await createNote.probe?.(createNote.input.parse({ ...parent, subject: 'Opened' }), context);
    expect(found).toMatchObject({ output: { id: 900 }, adopted: true });
    expect(clio.calls[0]?.query).toMatchObject({ ...filter, query: context.marker });
  });
});
