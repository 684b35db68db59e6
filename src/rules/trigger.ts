import { z } from 'zod';

const trigger = z.strictObject({ id: z.string().min(1).optional(), event: z.string() });

/** The first trigger with the event of a change decides, and gives its id: a second one would never be heard. */
export const triggers = z
  .array(trigger)
  .min(1)
  .superRefine((all, context) => {
    for (const [index, { id, event }] of all.entries()) {
      const earlier = all.slice(0, index);
      if (earlier.some((other) => other.event === event))
        context.addIssue({
          code: 'custom',
          path: [index, 'event'],
          message: `"${event}" is a trigger already.`,
        });
      else if (id !== undefined && earlier.some((other) => (other.id ?? other.event) === id))
        context.addIssue({
          code: 'custom',
          path: [index, 'id'],
          message: `Another trigger has the id "${id}".`,
        });
    }
  });
