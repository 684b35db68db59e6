// Writes the files that are derived from the code; tests compare them, so a stale one fails the build.
import { writeFileSync } from 'node:fs';

const { envExample } = await import('../dist/config/settings.js');
writeFileSync(new URL('../.env.example', import.meta.url), envExample());
