import { RequestError } from '../lib/errors.js';

/** What the sandbox answers instead of doing what was asked, in the words and numbers of Clio's API. */
export class Refusal extends RequestError {
  constructor(
    readonly status: number,
    /** `error.type` of the answer. */
    readonly type: string,
    message: string,
  ) {
    super('request.invalid', message);
  }
}

export const notFound = () => new Refusal(404, 'NotFoundError', 'Not Found');

/** Clio's answer to a value that it does not take. */
export const invalidArgument = (what: string) =>
  new Refusal(422, 'ArgumentError', `An invalid argument was supplied: ${what}`);

export const invalidFields = (what: string) => new Refusal(400, 'InvalidFields', what);

/** What Clio says of an access token with nothing left of its minute. */
export const rateLimited = (perMinute: number, seconds: number | string) =>
  new Refusal(429, 'RateLimited', `Rate limit of ${perMinute} exceeded. Retry in ${seconds} seconds.`);

export const gone = () => new Refusal(410, 'GoneError', 'The API version is not supported.');

export const preconditionFailed = () =>
  new Refusal(412, 'PreconditionFailed', 'The record has changed since the given etag');

/** Clio can do this and the sandbox cannot: said aloud, because an answer made up would mislead. */
export const notInSandbox = (what: string) =>
  new Refusal(501, 'NotInSandbox', `The sandbox does not do ${what}; Clio does.`);
