import { Refusal } from './refusal.js';

/** What the app may touch: everything, until a model is taken away from it. */
export class Permissions {
  private forbidden: ReadonlySet<string> = new Set();

  /** From now on the app has no permission for these models, and for all others again. */
  forbid(models: readonly string[]): void {
    this.forbidden = new Set(models);
  }

  /** @throws Refusal 403 */
  check(model: string): void {
    if (this.forbidden.has(model))
      throw new Refusal(403, 'ForbiddenError', 'User is forbidden from taking that action');
  }
}
