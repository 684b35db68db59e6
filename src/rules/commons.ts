import type { Calendar } from './calendar.js';

/** What the rules of a folder share. Null stands for a file that is there and cannot be used. */
export interface Commons {
  /** By name: the files of `calendars/`. */
  calendars: ReadonlyMap<string, Calendar | null>;
  /** Texts by name: the files of `templates/`. */
  partials: ReadonlyMap<string, string | null>;
}

/** For rules that stand alone. */
export const noCommons: Commons = { calendars: new Map(), partials: new Map() };
