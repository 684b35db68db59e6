import type { Place } from './place.js';

/** Something written as plain sense or another tool would have it, and what to write instead. */
export interface Slip {
  code: 'R001' | 'R005';
  message: string;
  at: Place;
  /** What else is wrong at these places and below follows from it, and is not told. */
  covers: readonly Place[];
}

/** One that covers what stands at its place, unless more is named. */
export function slip(message: string, at: Place, covers: readonly Place[] = [at]): Slip {
  return { code: 'R005', message, at, covers };
}
