import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { RequestError } from '../lib/errors.js';
import { isObject } from '../lib/json.js';
import { readModel, type SandboxControl } from './control.js';
import { readFault } from './read-fault.js';

interface Route {
  Params: { model: string; id: string };
}

/** The control API, for this machine alone: whoever reaches it can act as anybody at the firm. */
export function controlRoutes(root: FastifyInstance, control: SandboxControl): void {
  void root.register(
    namedPlugin('control', async (app) => {
      app.addHook('onRequest', async ({ ip }) => {
        if (['127.0.0.1', '::1', '::ffff:127.0.0.1'].includes(ip)) return;
        throw new RequestError(
          'request.unauthorized',
          'The control API answers calls from this machine only.',
        );
      });
      recordRoutes(app, control);
      faultRoutes(app, control);
      tokenRoutes(app, control);
      deliveryRoutes(app, control);
      trafficRoutes(app, control);
    }),
  );
}

/** Fastify looks for the name of a nameless plugin among all modules that are loaded. */
function namedPlugin(name: string, plugin: FastifyPluginAsync): FastifyPluginAsync {
  return Object.assign(plugin, { [Symbol.for('fastify.display-name')]: name });
}

/** What the sandbox has seen and changed. */
function trafficRoutes(app: FastifyInstance, control: SandboxControl): void {
  app.get('/control/calls', () => ({ calls: control.calls() }));
  app.delete('/control/calls', (_request, reply) => {
    control.clearCalls();
    return reply.code(204).send();
  });
  app.get('/control/warnings', () => ({ warnings: control.warnings() }));
  app.get('/control/ledger', () => ({ ledger: control.ledger() }));
}

function faultRoutes(app: FastifyInstance, control: SandboxControl): void {
  app.post('/control/faults', (request, reply) => {
    control.fault(readFault(bodyOf(request)));
    // The fault may be one that cuts connections; the one this came by ends with its answer.
    return reply.code(204).header('Connection', 'close').send();
  });
  app.delete('/control/faults', async (_request, reply) => {
    await control.clearFaults();
    return reply.code(204).send();
  });
}

function tokenRoutes(app: FastifyInstance, control: SandboxControl): void {
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
  app.put('/control/declines', (request, reply) => {
    const { declines } = bodyOf(request);
    if (typeof declines !== 'boolean')
      throw new RequestError('request.invalid', 'The body must be {"declines": true} or false.');
    control.declines = declines;
    return reply.code(204).send();
  });
}

function deliveryRoutes(app: FastifyInstance, control: SandboxControl): void {
  app.get('/control/deliveries', () => ({ deliveries: control.deliveries() }));
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
