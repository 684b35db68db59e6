import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { ActionResult } from '../../src/act/action.js';
import { actions } from '../../src/act/catalog.js';
import type { Outbound } from '../../src/act/outbound.js';
import { UpstreamError } from '../../src/lib/errors.js';
import type { JsonObject } from '../../src/lib/json.js';
import type { SandboxControl } from '../../src/sandbox/control.js';
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext, nowhere } from './action-context.js';
import { aClioClient } from './clio-client.js';
import type { Outside } from './outside.js';
import type { TestClock } from './test-clock.js';

/** One way to use an action, tried against the sandbox and Clio's OpenAPI file, and with its answers lost. */
export interface ActionCase {
  action: string;
  /** As a rule's rendered `with`. Matter 1 (Family, lawyer 1), contact 1 and users 1 and 2 are there. */
  input: Record<string, unknown>;
  /** What else must be at Clio before. */
  prepare?: (control: SandboxControl) => void;
  /** Who receives what leaves for elsewhere; its address takes the place of `http://receiver.example` in the input. */
  outside?: () => Promise<Outside>;
  /** True where the receiver outside does one key once: then a request whose answer was lost may come there again. */
  mayRepeat?: boolean;
  /** Objections of Clio's file that are known to be wrong, with the reason. */
  exceptions?: Readonly<Record<string, string>>;
}

/** The cases of `test/cases`: every file there exports `cases`. */
export async function actionCases(): Promise<ActionCase[]> {
  const folder = resolve('test/cases');
  const files = readdirSync(folder).filter((name) => name.endsWith('.cases.ts'));
  const modules = await Promise.all(
    files.map((name) => import(resolve(folder, name)) as Promise<{ cases: ActionCase[] }>),
  );
  return modules.flatMap(({ cases }) => cases);
}

/** A sandbox in which a case can be played. */
export async function sandboxFor(one: ActionCase, clock: TestClock): Promise<Sandbox> {
  const sandbox = await startSandbox({ clock, rateLimit: 10_000 });
  const matter = { description: 'Dissolution', practice_area: { id: 1 }, responsible_attorney: { id: 1 } };
  sandbox.control.create('matter', matter);
  one.prepare?.(sandbox.control);
  sandbox.control.clearCalls();
  return sandbox;
}

/** The receiver of a case that has one, and the input that leads to it. */
export async function outsideOf(
  one: ActionCase,
): Promise<{ outside: Outside | undefined; input: Record<string, unknown> }> {
  const outside = await one.outside?.();
  const text = JSON.stringify(one.input).replaceAll('http://receiver.example', outside?.origin ?? '');
  return { outside, input: JSON.parse(text) as Record<string, unknown> };
}

export const titleOf = ({ action, input }: ActionCase) => `${action} ${JSON.stringify(input)}`;

/** Plays a case to its end: while Clio is at work on it, time passes and another try looks again. */
export async function carryOut(
  one: ActionCase,
  sandbox: Sandbox,
  clock: TestClock,
  outbound: Outbound = nowhere,
): Promise<ActionResult> {
  const action = actions.get(one.action)!;
  const input = action.input.parse(one.input);
  const clio = aClioClient(sandbox.origin, sandbox.control.token(), clock);
  const startedAt = clock.now();
  let remembered: JsonObject | null = null;
  for (let inDoubt = false; ; inDoubt = true) {
    const set = { now: clock.now(), startedAt, inDoubt, outbound, remembered };
    const context = anActionContext(clio, set);
    try {
      const found = inDoubt ? await action.probe?.(input, context) : null;
      return found ?? (await action.execute(input, context));
    } catch (error) {
      if (!(error instanceof UpstreamError) || error.code !== 'clio.not_ready') throw error;
      remembered = context.kept.at(-1) ?? remembered;
      await clock.advance(60_000);
    }
  }
}
