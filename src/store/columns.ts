import type { ColumnOptions, ValueTransformer } from 'typeorm';

/** PostgreSQL hands bigint over as text; every number we keep fits a double. */
const numeric: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: unknown) => (value === null || value === undefined ? value : Number(value)),
};

/** Columns that mean the same in both databases: text, whole numbers, JSON as text. */
export const text: ColumnOptions = { type: 'text' };
export const nullableText: ColumnOptions = { type: 'text', nullable: true };
export const integer: ColumnOptions = { type: 'integer' };
/** A time in epoch milliseconds. */
export const time: ColumnOptions = { type: 'bigint', transformer: numeric };
export const nullableTime: ColumnOptions = { type: 'bigint', nullable: true, transformer: numeric };
export const json: ColumnOptions = { type: 'simple-json' };
export const nullableJson: ColumnOptions = { type: 'simple-json', nullable: true };
