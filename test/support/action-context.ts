import { fixedClock } from '../../src/lib/clock.js';
import { referenceOf } from '../../src/lib/ids.js';
import type { ActionContext } from '../../src/act/action.js';
import { openOutbound } from '../../src/act/open-outbound.js';
import type { Outbound } from '../../src/act/outbound.js';
import type { ClioClient } from '../../src/clio/clio.client.js';
import type { JsonObject } from '../../src/lib/json.js';

export const noon = new Date('2026-11-24T12:00:00Z');

/** An engine whose settings allow nothing but Clio. */
export const nowhere: Outbound = openOutbound(
  { allowedOrigins: [], signingSecret: undefined, smtpUrl: undefined, mailFrom: undefined },
  fixedClock(noon),
);

/** The context of a first try at noon. `logged` collects what the action says,
 * `kept` what it remembers. */
export function anActionContext(
  clio: ClioClient,
  set: Partial<ActionContext> = {},
): ActionContext & { logged: string[]; kept: JsonObject[] } {
  const reference = referenceOf('step-1');
  const logged: string[] = [];
  const kept: JsonObject[] = [];
  return {
    clio,
    outbound: nowhere,
    owner: null,
    reference,
    marker: `Automation ${reference}`,
    now: noon,
    startedAt: noon,
    inDoubt: false,
    remembered: null,
    remember: async (value) => void kept.push(value),
    signal: new AbortController().signal,
    log: (text) => logged.push(text),
    logged,
    kept,
    ...set,
  };
}
