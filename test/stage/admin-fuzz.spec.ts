import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { RuleBook } from '../../src/rules/rule-book.js';
import { EventStore } from '../../src/store/event.store.js';
import { InboundEvent } from '../../src/store/inbound-event.entity.js';
import { RunStore } from '../../src/store/run.store.js';
import { AdminApp, type Answer } from '../support/admin-app.js';
import { arbitraryOf, brokenOf, type Schema } from '../support/arbitrary-of-schema.js';
import { databases } from '../support/databases.js';
import { aConnection, aMatch, anEvent } from '../support/rows.js';
import { matterRule } from '../support/rule-text.js';

interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required: boolean;
  schema: Schema;
}
interface Operation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema?: Schema }> }>;
}
interface Request {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  headers: Record<string, unknown>;
  body: unknown;
}

/** Answers until somebody hangs up; `live.spec` has it. */
const ENDLESS = ['live_follow'];
const SAMPLES = 25;

describe.each(databases)('whatever is asked of the admin API on $name', ({ url: freshUrl }) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  let admin: AdminApp;
  let remove: () => Promise<void>;
  let operations: { method: string; path: string; operation: Operation }[];
  let known: string[];

  beforeAll(async () => {
    const fresh = await freshUrl();
    remove = fresh.remove;
    // What nobody listens at refuses at once, and no name has to be looked up.
    admin = await AdminApp.start(fresh.url, { CLIO_BASE_URL: 'http://127.0.0.1:1' });
    admin.rules.replace(RuleBook.of([{ rules: [matterRule('rule-a')], broken: [], diagnostics: [] }]));
    const { id } = await aConnection(admin.database);
    await fill(id);
    const { body } = await admin.get('/api/openapi.json');
    const { paths, components } = body as {
      paths: Record<string, Record<string, Operation>>;
      components: object;
    };
    ajv.addSchema({ $id: 'api', components });
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      path.startsWith('/api/v1/')
        ? Object.entries(methods).map(([method, operation]) => ({ method, path, operation }))
        : [],
    );
    known = [id, 'rule-a', ...(await idsOf('events')), ...(await idsOf('runs'))];
  });

  afterAll(async () => {
    await admin.stop();
    await remove();
  });

  async function fill(connectionId: string): Promise<void> {
    const events = admin.app.get(EventStore);
    await events.append([anEvent(connectionId), anEvent(connectionId, { recordId: '78' })]);
    const stored = await admin.database.repo(InboundEvent).find();
    await events.settle(stored.map((event) => ({ event, set: { status: 'ready' } })));
    const now = admin.clock.now().getTime();
    for (const event of stored) await admin.app.get(RunStore).recordDecisions(event, [aMatch()], now);
  }

  const idsOf = async (list: string) =>
    ((await admin.get(`/api/v1/${list}`)).body as { data: { id: string }[] }).data.map((item) => item.id);

  /** A request as the document describes it, or one that breaks it in one place. */
  function requestFor({ parameters = [], requestBody }: Operation): fc.Arbitrary<Request> {
    const record = (place: Parameter['in'], of: (schema: Schema) => fc.Arbitrary<unknown>) => {
      const own = parameters.filter((one) => one.in === place);
      const values = Object.fromEntries(own.map(({ name, schema }) => [name, of(schema)]));
      return fc.record(values, { requiredKeys: own.filter((one) => one.required).map(({ name }) => name) });
    };
    const anyId = () => fc.oneof(fc.constantFrom(...known), fc.string({ minLength: 1, maxLength: 30 }));
    const schema = requestBody?.content['application/json']?.schema;
    const made = (of: (schema: Schema) => fc.Arbitrary<unknown>): fc.Arbitrary<Request> =>
      fc.record({
        path: record('path', anyId),
        query: record('query', of),
        headers: record('header', () => fc.stringMatching(/^[!-~]{1,20}$/)),
        body: schema === undefined ? fc.constant(undefined) : of(schema),
      });
    return fc.oneof(made(arbitraryOf), made(brokenOf));
  }

  async function send(method: string, path: string, request: Request): Promise<Answer> {
    const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
      encodeURIComponent(text(request.path[name])),
    );
    const texts = (values: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
    const { query, headers, body } = request;
    return admin.ask(`${filled}?${new URLSearchParams(texts(query)).toString()}`, {
      method: method.toUpperCase(),
      headers: { ...texts(headers), ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  /** What the answer's schema has against it. */
  function objections({ status, type, body }: Answer, { responses }: Operation): string[] {
    const response = responses[status] ?? (status >= 400 ? responses['default'] : undefined);
    if (response === undefined) return [`the status ${status} is not described`];
    const media = type?.split(';')[0] ?? '';
    if (response.content === undefined) return [];
    const described = response.content[media];
    if (described === undefined) return [`the type ${media} of ${status} is not described`];
    if (!media.includes('json') || described.schema === undefined) return [];
    const schema = JSON.parse(JSON.stringify(described.schema).replaceAll('"#/', '"api#/')) as object;
    const validate = ajv.compile(schema);
    return validate(body) ? [] : [ajv.errorsText(validate.errors)];
  }

  it('is answered as described, and never with a failure of ours', async () => {
    expect(operations.length).toBeGreaterThan(20);
    for (const { method, path, operation } of operations) {
      if (ENDLESS.includes(operation.operationId)) continue;
      const property = fc.asyncProperty(requestFor(operation), async (request) => {
        const answer = await send(method, path, request);
        expect({ status: answer.status < 500, text: answer.status < 500 ? '' : answer.text }).toEqual({
          status: true,
          text: '',
        });
        expect(objections(answer, operation)).toEqual([]);
      });
      await fc.assert(property, { numRuns: SAMPLES }).catch((error: Error) => {
        throw new TypeError(`${method.toUpperCase()} ${path}: ${error.message}`, { cause: error });
      });
    }
  });
});
