import type { Action, ActionContext, ActionResult, UndoResult } from '../../src/act/action.js';
import { actions } from '../../src/act/catalog.js';
import type { SandboxControl } from '../../src/sandbox/control.js';
import { startSandbox } from '../../src/sandbox/sandbox.js';
import { anActionContext, noon } from './action-context.js';
import { aClioClient } from './clio-client.js';
import { TestClock } from './test-clock.js';

type Input = Record<string, unknown>;

/** Actions carried out against a sandbox, without the run stage. */
export class Acting {
  private constructor(
    readonly control: SandboxControl,
    private readonly origin: string,
    readonly clock: TestClock,
    readonly stop: () => Promise<void>,
  ) {}

  /** Matter 1 (Family, lawyer 1), contact 1 and users 1 and 2 are there. */
  static async start(): Promise<Acting> {
    const clock = new TestClock(noon.getTime());
    const sandbox = await startSandbox({ clock, rateLimit: 10_000 });
    const matter = { description: 'Dissolution', practice_area: { id: 1 }, responsible_attorney: { id: 1 } };
    sandbox.control.create('matter', matter);
    return new Acting(sandbox.control, sandbox.origin, clock, () => sandbox.stop());
  }

  context(set: Partial<ActionContext> = {}): ActionContext {
    return anActionContext(aClioClient(this.origin, this.control.token()), set);
  }

  async execute(name: string, input: Input, set?: Partial<ActionContext>): Promise<ActionResult> {
    const action = actionNamed(name);
    return action.execute(action.input.parse(input), this.context(set));
  }

  async probe(name: string, input: Input, set?: Partial<ActionContext>): Promise<ActionResult | null> {
    const action = actionNamed(name);
    return (await action.probe?.(action.input.parse(input), this.context({ inDoubt: true, ...set }))) ?? null;
  }

  async undo(name: string, input: Input, done: ActionResult): Promise<UndoResult | undefined> {
    const action = actionNamed(name);
    const { output, writes } = done;
    return action.undo?.({ input: action.input.parse(input), output, writes }, this.context());
  }
}

export function actionNamed(name: string): Action {
  const action = actions.get(name);
  if (action === undefined) throw new Error(`There is no action ${name}.`);
  return action;
}
