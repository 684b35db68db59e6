import { wordFor } from '../lib/counted.js';
import { Inject, Injectable } from '@nestjs/common';
import { permissionFor } from '../clio/permissions.js';
import { CONFIG, type Config } from '../config/config.js';
import { EngineError, UpstreamError, messageOf } from '../lib/errors.js';
import type { AlertKind } from '../store/alert.entity.js';
import { AlertStore } from '../store/alert.store.js';
import { PollStore } from '../store/poll.store.js';
import { hasWebhooks } from './event-names.js';
import type { WantedOfModel } from './needs.js';
import type { Pass, WebhookProblem } from './webhook-keeper.js';

type Needs = ReadonlyMap<string, WantedOfModel>;

interface Finding {
  kind: AlertKind;
  subject: string;
  message: string;
}

/** What a pass without problems closes. It shows that the authorisation is good, too. */
const KINDS: readonly AlertKind[] = [
  'connection_lost',
  'scope_missing',
  'subscription_failed',
  'subscription_suspended',
];
/** Trouble that passes by itself is worth a person's time after so many passes in a row. */
const PASSING_FAILURES = 5;

/** Says what a person has to do about webhooks, and stops saying it when it is done. */
@Injectable()
export class SubscriptionAlerts {
  /** What the last pass of each connection was forbidden: models, and `webhook`. */
  private readonly refused = new Map<string, ReadonlySet<string>>();

  constructor(
    private readonly alerts: AlertStore,
    private readonly polls: PollStore,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Raises what a pass found, and closes what it found to be over. `failures`: passes with problems in a row. */
  async settle(connectionId: string, pass: Pass, needs: Needs, failures: number): Promise<void> {
    const problems = pass.problems.filter(({ subject }) => isNeeded(subject, needs));
    const found = [
      ...pass.suspended.map((model) => suspended(model, rulesOf(model, needs))),
      ...problems.flatMap((problem) => this.findingOf(problem, needs, failures)),
    ];
    const refused = found.filter(({ kind }) => kind === 'scope_missing').map(({ subject }) => subject);
    const isUnseen = (subject: string) => !pass.isComplete && !refused.includes(subject);
    const before = [...(this.refused.get(connectionId) ?? [])].filter(isUnseen);
    this.refused.set(connectionId, new Set([...before, ...refused]));
    for (const { message, ...about } of found) await this.alerts.raise({ connectionId, ...about }, message);
    const troubled = new Set(problems.map(({ subject }) => subject));
    const unread = new Set(await this.polls.failing(connectionId));
    for (const { kind, subject } of await this.alerts.openOf(connectionId, KINDS)) {
      if (found.some((one) => one.kind === kind && one.subject === subject)) continue;
      // Whatever else is wrong with this model now, the earlier trouble may still be there behind it.
      const mayLast =
        !pass.isComplete || troubled.has(subject) || (kind === 'scope_missing' && unread.has(subject));
      const isAbout = kind === 'connection_lost' || isNeeded(subject, needs);
      if (!mayLast || !isAbout) await this.alerts.close({ connectionId, kind, subject });
    }
  }

  /** Whether the webhook of a model, or every webhook, was forbidden when it was last looked at. */
  isRefused(connectionId: string, model: string): boolean {
    return this.refused.get(connectionId)?.has(model) === true;
  }

  private findingOf({ subject, error }: WebhookProblem, needs: Needs, failures: number): Finding[] {
    const code = error instanceof EngineError ? error.code : 'engine.invariant';
    // The connection's own alert says it.
    if (code === 'clio.unauthorized') return [];
    const rules = rulesOf(subject, needs);
    if (code === 'clio.forbidden')
      return [{ kind: 'scope_missing', subject, message: this.missing(subject, rules) }];
    const passes = error instanceof EngineError && error.retry === 'later';
    if (passes && failures < PASSING_FAILURES) return [];
    const what = `The webhook of ${subject} cannot be put in place at Clio: ${messageOf(error)}`;
    const message = `${what}${this.adviceFor(error)} Until then changes reach ${rules} late or not at all.`;
    return [{ kind: 'subscription_failed', subject, message }];
  }

  private missing(subject: string, rules: string): string {
    const permissions = [...new Set([permissionFor(subject), permissionFor('webhook')])];
    const named = permissions.map((name) => `"${name}"`).join(' and ');
    const what = subject === 'webhook' ? 'webhooks' : `a webhook of ${subject}`;
    return (
      `Clio forbids this connection ${what} (403): check ${named} among the app's permissions in Clio's developer portal ` +
      `(${subject === 'webhook' ? 'read and write' : 'read; Webhooks read and write'}), then connect again ` +
      `(POST /api/v1/connections/authorize gives the address); the user's own role must allow it too. Until then it disables ${rules}.`
    );
  }

  private adviceFor(error: unknown): string {
    const refused =
      error instanceof UpstreamError && ['clio.invalid', 'clio.bad_request'].includes(error.code);
    return refused
      ? ` Clio calls https addresses on the internet only; PUBLIC_URL is ${this.config.publicUrl}.`
      : '';
  }
}

/** The rules that need a model's webhook, or any webhook, as a sentence goes on. */
export function rulesOf(subject: string, needs: Needs): string {
  const wanting = subject === 'webhook' ? [...needs.values()] : [needs.get(subject)];
  const rules = [...new Set(wanting.flatMap((wanted) => [...(wanted?.rules ?? [])]))].sort();
  return rules.length === 0 ? 'no rule' : `the ${wordFor(rules.length, 'rule')} ${rules.join(', ')}`;
}

/** Whether a rule needs a model, or, of `webhook`, any webhook. */
function isNeeded(subject: string, needs: Needs): boolean {
  return subject === 'webhook' ? [...needs.keys()].some(hasWebhooks) : needs.has(subject);
}

function suspended(model: string, rules: string): Finding {
  const message =
    `Clio had suspended its webhook of ${model}, as it does when deliveries keep failing; it was made again. ` +
    `Check that Clio reaches this server at PUBLIC_URL. What changed meanwhile may have come late for ${rules}.`;
  return { kind: 'subscription_suspended', subject: model, message };
}
