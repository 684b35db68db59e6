import { Controller, Get } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { Public } from '../lib/access.js';
import { ApiDescription } from './openapi.js';

/** Open to all: it describes the API and shows no data. */
@ApiExcludeController()
@Controller('api')
export class OpenApiController {
  constructor(private readonly description: ApiDescription) {}

  @Get('openapi.json')
  @Public()
  document(): OpenAPIObject {
    return this.description.document;
  }
}
