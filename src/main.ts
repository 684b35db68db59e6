import { loadConfig } from './config/config.js';
import { messageOf, RequestError } from './lib/errors.js';
import { serve } from './serve.js';

/** Wrong settings end with 2, anything else that keeps the engine from starting with 1. */
try {
  const served = await serve(loadConfig());
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void served.stop().then(() => process.exit(0)));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(error instanceof RequestError && error.code === 'config.invalid' ? 2 : 1);
}
