import { z } from 'zod';

const id = z.string().min(1).optional();

const eventTrigger = z.strictObject({ id, event: z.string() });

const scheduleTrigger = z.strictObject({
  id,
  schedule: z.strictObject({
    cron: z.string(),
    on_missed: z.enum(['skip', 'once', 'all']).optional(),
    holidays: z.enum(['run', 'skip', 'next_open_day']).default('run'),
  }),
  query: z
    .strictObject({ resource: z.string(), filter: z.record(z.string(), z.unknown()).default({}) })
    .optional(),
});

const manualTrigger = z.strictObject({ id, manual: z.literal(true) });

const trigger = z.union([eventTrigger, scheduleTrigger, manualTrigger]);

export type ScheduleTrigger = z.output<typeof scheduleTrigger>;
export type Trigger = z.output<typeof trigger>;

/** What tells the kinds of triggers apart, in the order of the union. */
export const TRIGGER_KEYS = ['event', 'schedule', 'manual'] as const;

/** What conditions call a trigger: its id, or what it is. */
export function triggerId(one: Trigger): string {
  if (one.id !== undefined) return one.id;
  return 'event' in one ? one.event : 'schedule' in one ? 'schedule' : 'manual';
}

interface WithTriggers {
  triggers: readonly Trigger[];
}

/** The events that start a rule: `matter.updated`. */
export function eventsOf({ triggers }: WithTriggers): string[] {
  return triggers.flatMap((one) => ('event' in one ? one.event : []));
}

/** The triggers of a rule that go by the clock, each with its place in the list. */
export function schedulesOf({ triggers }: WithTriggers): { trigger: ScheduleTrigger; index: number }[] {
  return triggers.flatMap((trigger, index) => ('schedule' in trigger ? { trigger, index } : []));
}

/** The kinds of records that the triggers name, as triggers call them; a manual one names none. */
export function namedModels({ triggers }: WithTriggers): string[] {
  const names = triggers.flatMap((one) =>
    'event' in one ? (one.event.split('.')[0] ?? '') : 'schedule' in one ? (one.query?.resource ?? []) : [],
  );
  return [...new Set(names)];
}

/** Whether somebody may start the rule by hand. */
export function isManual({ triggers }: WithTriggers): boolean {
  return triggers.some((one) => 'manual' in one);
}

/** The first trigger with the event of a change decides, and gives its id: a second one would never be heard. */
export const triggers = z
  .array(trigger)
  .min(1)
  .max(100)
  .superRefine((all, context) => {
    for (const [index, one] of all.entries()) {
      const earlier = all.slice(0, index);
      const event = 'event' in one ? one.event : undefined;
      const complain = (key: string, message: string) =>
        context.addIssue({ code: 'custom', path: [index, key], message });
      if (event !== undefined && earlier.some((other) => 'event' in other && other.event === event))
        complain('event', `"${event}" is a trigger already; take one of them out.`);
      else if ('manual' in one && earlier.some((other) => 'manual' in other))
        complain('manual', 'The rule can be started by hand already; take one of them out.');
      else if (earlier.some((other) => triggerId(other) === triggerId(one)))
        complain(
          one.id === undefined && event === undefined ? 'schedule' : 'id',
          one.id === undefined
            ? `Two triggers are called "${triggerId(one)}"; give each an "id".`
            : `Another trigger has the id "${one.id}"; give one of them another.`,
        );
    }
  });
