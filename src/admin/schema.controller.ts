import { Controller, Get, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '../lib/access.js';
import type { JsonObject } from '../lib/json.js';
import { ruleJsonSchema } from '../rules/rule-json-schema.js';
import { VOCABULARY, type Vocabulary } from '../rules/rule-vocabulary.js';

/** Open to all, as editors ask without a token: it says what a rule may say and shows no data. */
@ApiExcludeController()
@Controller('api/v1/schema')
export class SchemaController {
  constructor(@Inject(VOCABULARY) private readonly vocabulary: Vocabulary) {}

  @Get('rule.json')
  @Public()
  rule(): JsonObject {
    return ruleJsonSchema(this.vocabulary);
  }
}
