import { describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { loadConfig } from '../../src/config/config.js';
import { serve } from '../../src/serve.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { databases } from '../support/databases.js';
import { rulesFolder, settingsFor } from '../support/law-firm.js';
import { TestClock } from '../support/test-clock.js';

describe('an engine that cannot take up its rules', () => {
  it('lets go of everything it had taken', async () => {
    const { url, remove } = await databases[0].url();
    const damaged = await new DataSource({
      type: 'better-sqlite3',
      database: url.slice('sqlite:'.length),
    }).initialize();
    await damaged.query('drop table rule_overrides');
    await damaged.destroy();
    const rules = rulesFolder({ 'README.md': 'None yet.' });
    const clock = new TestClock();
    const sandbox = await startSandbox({ clock });
    const config = loadConfig(await settingsFor(sandbox, url, rules.folder));
    const start = () =>
      serve(config, clock).then(
        () => 'serves',
        (error: unknown) => String(error),
      );
    // A second engine on a file that the first still holds would be told that another process has it.
    expect(await start()).toContain('no such table: rule_overrides');
    expect(await start()).toContain('no such table: rule_overrides');
    await sandbox.stop();
    rules.remove();
    await remove();
  });
});
