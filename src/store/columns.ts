import type { ValueTransformer } from 'typeorm';

/** PostgreSQL hands bigint over as text; every number we keep fits a double. */
const numeric: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null || value === undefined ? value : Number(value)),
};

/** Columns that mean the same in both databases: text, whole numbers, JSON as text. */
export const text = { type: 'text' } as const;
export const nullableText = { type: 'text', nullable: true } as const;
export const integer = { type: 'integer' } as const;
/** A time in epoch milliseconds. */
export const time = { type: 'bigint', transformer: numeric } as const;
export const nullableTime = { type: 'bigint', nullable: true, transformer: numeric } as const;
export const json = { type: 'simple-json' } as const;
export const nullableJson = { type: 'simple-json', nullable: true } as const;
