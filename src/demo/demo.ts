import { checkDay, type Check, type ClioAtNight } from './check-day.js';
import { playDay, type PlayedScene } from './play-day.js';
import type { Demo } from './start-demo.js';

export interface DemoReport {
  ok: boolean;
  scenes: PlayedScene[];
  checks: Check[];
}

/** Plays the day on a demo that has started, and looks at what came of it. */
export async function runDemo({ sandbox: { control }, api }: Demo): Promise<DemoReport> {
  const before = control.ledger().length;
  const scenes = await playDay({ control, api });
  const clio: ClioAtNight = {
    tasks: control.records('task'),
    notes: control.records('note'),
    matters: control.records('matter'),
    ledger: control.ledger().slice(before),
    warnings: control.warnings(),
  };
  const checks = checkDay(scenes, clio);
  return { ok: checks.every(({ ok }) => ok), scenes, checks };
}
