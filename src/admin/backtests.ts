import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../config/config.js';
import { CLOCK, type Clock } from '../lib/clock.js';
import { RequestError } from '../lib/errors.js';
import type { JsonObject } from '../lib/json.js';
import { backtestArchive } from '../match/backtest-archive.js';
import type { CompiledRule } from '../rules/compiled-rule.js';
import { RULE_BOOK, type CurrentRules } from '../rules/current-rules.js';
import { formatDiagnostic } from '../rules/diagnostic.js';
import { loadCommons } from '../rules/load-commons.js';
import { parseRuleFile } from '../rules/parse-rules.js';
import { RuleBook } from '../rules/rule-book.js';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';
import { Connection } from '../store/connection.entity.js';
import { boundedResult } from './bounded-result.js';
import { found, foundRule } from './found.js';
import type { Order } from './interventions.js';
import { JobVerbs } from './job-verbs.js';
import type { JobView } from './job-views.js';
import { exactly } from './list-query.js';

/** In characters; the check of a text happens at once. */
const LARGEST_TEXT = 65_536;
const MOST_RULES = 20;
/** What messages call the text that was sent. */
const TEXT_NAME = 'text.yaml';

const text = z.string().min(1).max(LARGEST_TEXT);
const shape = {
  days: z.int().min(1).max(3_650).default(90).describe('How far back.'),
  connection: exactly
    .optional()
    .describe('Only the events of this connection; all that the token may see when left out.'),
};

export const backtestBody = z
  .strictObject({
    ...shape,
    text: text.optional().describe('The rule as YAML or JSON, in place of the one that is in force.'),
  })
  .prefault({});
export type BacktestBody = z.infer<typeof backtestBody>;

export const textBacktestBody = z.strictObject({
  ...shape,
  text: text.describe(`Rules as YAML or JSON, at most ${MOST_RULES}; they need not be in force.`),
});
export type TextBacktestBody = z.infer<typeof textBacktestBody>;

/** Starts backtests as jobs. */
@Injectable()
export class Backtests {
  constructor(
    private readonly jobs: JobVerbs,
    @Inject(RULE_BOOK) private readonly rules: CurrentRules,
    @Inject(VOCABULARY) private readonly vocabulary: Vocabulary,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * @throws RequestError `request.not_found` without such a rule or connection, `request.conflict` when its file is broken and
   * no text is sent, `rule.invalid` when the text is broken.
   */
  async ofRule(order: Order, id: string, body: BacktestBody): Promise<JobView> {
    const book = this.rules.book();
    const isBroken = book.broken.some((one) => one.id === id);
    const inForce = isBroken ? null : foundRule(book, id, book.find(id) ?? null);
    if (body.text === undefined && inForce === null)
      throw new RequestError(
        'request.conflict',
        `The rule ${id} is broken; mend its file, or send a "text" that is to be tried.`,
      );
    const drafts = body.text === undefined ? [inForce as CompiledRule] : await this.draftsIn(body.text);
    const wanted = drafts.filter(({ rule }) => rule.id === id);
    if (wanted.length > 0) return this.start(order, body, wanted);
    const ids = drafts.map(({ rule }) => rule.id).join(', ');
    throw new RequestError(
      'request.invalid',
      `The text holds ${ids}, and not ${id}; keep the id, or send it to rules/backtest.`,
    );
  }

  /** @throws RequestError `request.not_found` without such a connection, `rule.invalid` when the text is broken. */
  async ofText(order: Order, body: TextBacktestBody): Promise<JobView> {
    return this.start(order, body, await this.draftsIn(body.text));
  }

  private async start(order: Order, body: BacktestBody, drafts: readonly CompiledRule[]): Promise<JobView> {
    const { database } = this.jobs;
    const { days } = body;
    const connectionId = await this.connectionFor(order, body.connection);
    const subject = drafts.map(({ rule }) => rule.id).join(', ');
    const versions = Object.fromEntries(drafts.map(({ rule, hash }) => [rule.id, hash]));
    const request = { days, versions, text: body.text ?? null };
    const question = { drafts, days, now: this.clock.now(), connectionId };
    return this.jobs.start(
      order,
      body,
      { kind: 'backtest', subject, connectionId, request },
      async (pace) => {
        const result = await backtestArchive(database, this.vocabulary, question, pace);
        return boundedResult(result) as unknown as JsonObject;
      },
    );
  }

  private async connectionFor({ scope }: Order, wanted: string | undefined): Promise<string | null> {
    if (wanted === undefined) return scope;
    const known = await this.jobs.database.within(scope).repo(Connection).existsBy({ id: wanted });
    return found('connection', wanted, known ? wanted : null);
  }

  private async draftsIn(written: string): Promise<readonly CompiledRule[]> {
    const { commons } = await loadCommons(this.config.rulesDir);
    const { active, broken } = RuleBook.of([parseRuleFile(TEXT_NAME, written, this.vocabulary, commons)]);
    const problems = broken.flatMap(({ diagnostics }) =>
      diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic),
    );
    if (broken.length > 0)
      throw new RequestError('rule.invalid', `The text is broken: ${problems[0] ?? 'it is no rule'}`, {
        details: { problems },
      });
    if (active.length > 0 && active.length <= MOST_RULES) return active;
    throw new RequestError(
      'request.invalid',
      `The text holds ${active.length} rules; send 1 to ${MOST_RULES}.`,
    );
  }
}
