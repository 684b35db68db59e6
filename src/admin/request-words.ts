import { BadRequestException, StandardSchemaValidationPipe, type ArgumentMetadata } from '@nestjs/common';
import { z } from 'zod';
import { unknownName } from './list-query.js';

/** What is wrong with a request and what to write instead, where its schema has no words of its own. */
export function requestWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownName('field', key, fieldsOf(issue.inst))).join(' ');
    case 'invalid_type':
      return issue.input === undefined
        ? `it is missing.${describing(issue.inst)}`
        : `it must be ${TYPES[issue.expected] ?? `of the type ${issue.expected}`}, not ${shownAs(issue.input)}.`;
    case 'invalid_value':
      return issue.input === undefined
        ? `it is missing; write one of ${issue.values.map(String).join(', ')}.`
        : `it must be one of ${issue.values.map(String).join(', ')}, not ${shownAs(issue.input)}.`;
    case 'too_small':
      if (issue.minimum === 1 && ['string', 'array'].includes(issue.origin)) return 'it must not be empty.';
      return bound('least', issue.minimum, issue.origin);
    case 'too_big':
      return bound('most', issue.maximum, issue.origin);
    default:
      return undefined;
  }
}

/** Checks what is sent by the schema of its route, and refuses it with `requestWords`. */
export class RequestPipe extends StandardSchemaValidationPipe {
  override async transform<T = unknown>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema } = metadata;
    if (!(schema instanceof z.ZodType)) return super.transform(value, metadata);
    const parsed = await schema.safeParseAsync(value, { error: requestWords });
    if (parsed.success) return parsed.data as T;
    throw new BadRequestException(this.formatIssueMessages(parsed.error.issues));
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

function bound(side: 'least' | 'most', count: number | bigint, origin: string): string {
  const unit = origin === 'string' ? ' characters long' : '';
  return origin === 'array'
    ? `it must have ${String(count)} entries at ${side}.`
    : `it must be ${String(count)}${unit} at ${side}.`;
}

function shownAs(value: unknown): string {
  return (JSON.stringify(value) ?? 'that').slice(0, 100);
}

function fieldsOf(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

function describing(schema: unknown): string {
  const description = schema instanceof z.ZodType ? schema.description : undefined;
  return description === undefined ? '' : ` ${description}`;
}
