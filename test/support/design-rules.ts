import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const DESIGN = resolve(import.meta.dirname, '..', '..', '..', 'shared', 'design', 'features.md');

/** The complete rules of the language's design and their calendars, by file name, read from beside the repository, never copied into it. */
export function rulesOfTheDesign(): Record<string, string> {
  if (!existsSync(DESIGN))
    throw new Error(
      `${DESIGN} is missing: check out the folder "shared" beside this repository and run again.`,
    );
  const text = readFileSync(DESIGN, 'utf8');
  const part = text.slice(text.indexOf('### E7'), text.indexOf('### E8'));
  const rules = [...part.matchAll(/```yaml\n(.*?)```/gs)].map(
    ([, rule = ''], index) => [`${index}.yaml`, rule] as const,
  );
  const calendars = ['CA', 'NY', 'IL'].map(
    (state) =>
      [
        `calendars/firm-us-${state.toLowerCase()}.yaml`,
        `holidays: { country: US, state: ${state} }\n`,
      ] as const,
  );
  return Object.fromEntries([...rules, ...calendars]);
}
