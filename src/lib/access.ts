import 'reflect-metadata';

/** Under this key a route's handler carries what it asks of whoever calls it; one without is never served. */
export const ACCESS = 'praetor:access';

/** What a route that anybody may call carries. */
export const PUBLIC = 'public';

/** Marks a route that needs no token: it proves its caller in another way, or shows nothing that is anybody's. */
export function Public(): MethodDecorator {
  return (_target, _name, descriptor) => {
    Reflect.defineMetadata(ACCESS, PUBLIC, descriptor.value as object);
    return descriptor;
  };
}
