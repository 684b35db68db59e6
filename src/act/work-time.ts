import { Duration } from 'luxon';

const READABLE = /^(?:(\d+(?:\.\d+)?)\s*h(?:ours?)?)?\s*(?:(\d+(?:\.\d+)?)\s*m(?:in(?:utes?)?)?)?$/i;

/** The seconds in `1h 30m`, `90 minutes`, `1.5 hours` or `PT1H30M`; undefined for anything else and for nothing. */
export function secondsOf(text: string): number | undefined {
  const [, hours, minutes] = READABLE.exec(text.trim()) ?? [];
  const duration =
    hours === undefined && minutes === undefined
      ? Duration.fromISO(text.trim())
      : Duration.fromObject({ hours: Number(hours ?? 0), minutes: Number(minutes ?? 0) });
  const seconds = Math.round(duration.as('seconds'));
  return duration.isValid && seconds > 0 ? seconds : undefined;
}
