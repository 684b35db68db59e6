import { exitCodeOf } from './cli/command-line.js';
import { loadConfig } from './config/config.js';
import { messageOf } from './lib/errors.js';
import { serve } from './serve.js';

try {
  const served = await serve(loadConfig(undefined, { makesKey: true, needsRules: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void served.stop().then(() => process.exit(0)));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(exitCodeOf(error));
}
