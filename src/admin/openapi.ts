import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { InvariantError } from '../lib/errors.js';
import { problemView } from './problem-of.js';

/** The description of the API. It is made when it is first asked for: few ask, and every start would pay for it. */
@Injectable()
export class ApiDescription {
  private made: OpenAPIObject | undefined;
  private make = (): OpenAPIObject => {
    throw new InvariantError('describeApi was not called at the start.');
  };

  get document(): OpenAPIObject {
    this.made ??= this.make();
    return this.made;
  }

  /** Says how the document is made, once the application stands. */
  madeBy(make: () => OpenAPIObject): void {
    this.make = make;
  }
}

/** Has the OpenAPI 3.1 document of every route of `app` made. Called once, before it listens. */
export function describeApi(app: INestApplication): void {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Praetor')
    .setDescription(
      'What the engine did and why. Lists are paged by cursor; errors are application/problem+json with a stable code.',
    )
    .setVersion('1')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      description: 'A token of "praetor token create", or the ADMIN_TOKEN.',
    })
    .addCookieAuth('praetor_session', {
      type: 'apiKey',
      in: 'cookie',
      description: 'POST /api/v1/session sets it.',
    })
    .build();
  app
    .get(ApiDescription)
    .madeBy(() =>
      withProblems(SwaggerModule.createDocument(app, about, { operationIdFactory: operationId })),
    );
}

/** `runs_list`: a name that programs made from the document keep when our classes are renamed. */
function operationId(controller: string, method: string): string {
  const resource = controller.replace(/Controller$/, '');
  return `${resource.charAt(0).toLowerCase()}${resource.slice(1)}_${method}`;
}

/** Every operation of the API may answer with a problem. */
function withProblems(document: OpenAPIObject): OpenAPIObject {
  const problem = z.toJSONSchema(problemView) as object;
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problem },
  };
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  for (const [path, operations] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/v1/')) continue;
    for (const operation of Object.values(operations as Record<string, { responses?: object }>))
      operation.responses = { ...operation.responses, default: { description: 'What is wrong.', content } };
  }
  return document;
}
