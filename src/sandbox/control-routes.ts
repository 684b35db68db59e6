import type { FastifyInstance, FastifyRequest } from 'fastify';
import { RequestError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { readFault, readModel, type SandboxControl } from './control.js';

interface Route {
  Params: { model: string; id: string };
}

/** The control API, for this machine alone: whoever reaches it can act as anybody at the firm. */
export function controlRoutes(app: FastifyInstance, control: SandboxControl): void {
  app.addHook('onRequest', async (request) => {
    const isLocal = ['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(request.ip);
    if (request.url.startsWith('/control/') && !isLocal) {
      throw new RequestError('request.unauthorized', 'The control API answers calls from this machine only.');
    }
  });
  recordRoutes(app, control);
  app.get('/control/calls', () => ({ calls: control.calls() }));
  app.delete('/control/calls', (_request, reply) => {
    control.clearCalls();
    return reply.code(204).send();
  });
  app.get('/control/warnings', () => ({ warnings: control.warnings() }));
  app.get('/control/ledger', () => ({ ledger: control.ledger() }));
  app.get('/control/deliveries', () => ({ deliveries: control.deliveries() }));
  app.post('/control/faults', (request, reply) => {
    control.fault(readFault(bodyOf(request)));
    return reply.code(204).send();
  });
  app.delete('/control/faults', (_request, reply) => {
    control.clearFaults();
    return reply.code(204).send();
  });
  app.put('/control/forbidden', (request, reply) => {
    const { models } = bodyOf(request);
    control.forbid(...(Array.isArray(models) ? models.map(String) : []));
    return reply.code(204).send();
  });
  app.post('/control/tokens', () => ({ access_token: control.token() }));
  app.post('/control/tokens/expire', (_request, reply) => {
    control.expireTokens();
    return reply.code(204).send();
  });
  app.post('/control/tokens/revoke', (_request, reply) => {
    control.revokeTokens();
    return reply.code(204).send();
  });
  app.post('/control/forge', async (request) => {
    const { target, body, signature } = bodyOf(request);
    const status = await control.forge(String(target), body, signature as string | undefined);
    return { status };
  });
  app.post('/control/settle', async (_request, reply) => {
    await control.settle();
    return reply.code(204).send();
  });
  app.post('/control/retry-now', (_request, reply) => {
    control.retryNow();
    return reply.code(204).send();
  });
}

function recordRoutes(app: FastifyInstance, control: SandboxControl): void {
  app.get<Route>('/control/records/:model', ({ params }) => ({
    records: control.records(readModel(params.model)),
  }));
  app.get<Route>('/control/records/:model/:id', ({ params }) => {
    const record = control.record(readModel(params.model), params.id);
    if (record !== undefined) return { record };
    throw new RequestError('request.not_found', `The sandbox has no ${params.model} ${params.id}.`);
  });
  app.post<Route>('/control/records/:model', (request, reply) => {
    const record = control.create(readModel(request.params.model), bodyOf(request));
    return reply.code(201).send({ record });
  });
  app.patch<Route>('/control/records/:model/:id', (request) => {
    const { model, id } = request.params;
    return { record: control.update(readModel(model), id, bodyOf(request)) };
  });
  app.delete<Route>('/control/records/:model/:id', ({ params }, reply) => {
    control.remove(readModel(params.model), params.id);
    return reply.code(204).send();
  });
}

function bodyOf(request: FastifyRequest): Record<string, unknown> {
  const body = parsed(request.body);
  if (isObject(body)) return body;
  throw new RequestError('request.invalid', 'The body must be a JSON object.');
}

function parsed(body: unknown): unknown {
  try {
    return JSON.parse(String(body));
  } catch {
    return undefined;
  }
}
