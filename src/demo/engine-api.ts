import type { z } from 'zod';
import { InvariantError } from '../lib/errors.js';

/** The engine's REST API as a caller from outside sees it. */
export class EngineApi {
  constructor(
    readonly url: string,
    private readonly token: string,
  ) {}

  /** GETs a path under `/api/v1` and checks the answer. Throws an InvariantError for anything but a 200 of that shape. */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    const answer = await fetch(`${this.url}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${this.token}` },
    });
    const parsed = schema.safeParse(await answer.json());
    if (answer.status === 200 && parsed.success) return parsed.data;
    const problem = parsed.error?.issues
      .map(({ path, message }) => `${path.join('.')}: ${message}`)
      .join('; ');
    throw new InvariantError(
      `GET /api/v1/${path} answered ${answer.status} ${problem ?? ''}; please report this.`,
    );
  }
}
