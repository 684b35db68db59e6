import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { z } from 'zod';

/** What a route answers when all is well: the status, and the schema of its body. */
export function Answers(status: number, schema: z.ZodType) {
  return applyDecorators(HttpCode(status), ApiResponse({ status, standardSchema: schema }));
}

/** A route that only says that it is done. */
export function AnswersNothing() {
  return applyDecorators(HttpCode(204), ApiNoContentResponse());
}

/** A route that answers no JSON, but text or a file of one of these types. */
export function AnswersFile(...types: string[]) {
  return applyDecorators(
    ApiProduces(...types),
    ApiOkResponse({ schema: { type: 'string', format: 'binary' } }),
  );
}
