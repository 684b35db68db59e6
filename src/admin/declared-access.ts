import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { ACCESS } from '../lib/access.js';
import { InvariantError } from '../lib/errors.js';

/** Lets no server start that has a route of which nobody said who may call it. */
@Injectable()
export class DeclaredAccess implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
  ) {}

  onModuleInit(): void {
    const open = this.discovery.getControllers().flatMap(({ metatype }) => {
      const prototype = (metatype as { prototype?: Record<string, object> } | null)?.prototype ?? {};
      return this.scanner
        .getAllMethodNames(prototype)
        .filter((name) => isUndeclared(prototype[name]))
        .map((name) => `${metatype?.name ?? ''}.${name}`);
    });
    if (open.length > 0)
      throw new InvariantError(`These routes say neither @Needs nor @Public: ${open.join(', ')}.`);
  }
}

function isUndeclared(handler: object | undefined): boolean {
  if (handler === undefined || !Reflect.hasMetadata(PATH_METADATA, handler)) return false;
  return !Reflect.hasMetadata(ACCESS, handler);
}
