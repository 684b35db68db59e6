import { Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { InvariantError } from '../lib/errors.js';

/** Holds the description of the API, which can be made only once the application stands. */
@Injectable()
export class ApiDescription {
  private made: OpenAPIObject | undefined;

  get document(): OpenAPIObject {
    if (this.made === undefined) throw new InvariantError('describeApi was not called at the start.');
    return this.made;
  }

  set document(document: OpenAPIObject) {
    this.made = document;
  }
}

/** Makes the OpenAPI document of every route of `app`. Called once, before it listens. */
export function describeApi(app: INestApplication): void {
  const about = new DocumentBuilder()
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
  app.get(ApiDescription).document = SwaggerModule.createDocument(app, about);
}
