import { openOutbound } from '../../src/act/open-outbound.js';
import type { Outbound } from '../../src/act/outbound.js';
import type { OutboundSettings } from '../../src/config/config.js';
import { systemClock } from '../../src/lib/clock.js';
import { HttpReceiver } from './http-receiver.js';
import { SmtpSink } from './smtp-sink.js';

/** A receiver on this machine that is not Clio, for the cases of actions that go elsewhere. */
export interface Outside {
  outbound: Outbound;
  /** Where the receiver is, in place of `http://receiver.example` in a case's input. */
  origin: string;
  /** What the receiver took, oldest first. */
  effects(): string[];
  loseNextAnswer(): void;
  stop(): Promise<void>;
}

const nothing: OutboundSettings = {
  allowedOrigins: [],
  signingSecret: undefined,
  smtpUrl: undefined,
  mailFrom: undefined,
};

export async function httpOutside(): Promise<Outside> {
  const receiver = await HttpReceiver.start();
  const settings = { ...nothing, allowedOrigins: [receiver.origin], signingSecret: 'a secret' };
  return {
    outbound: openOutbound(settings, systemClock),
    origin: receiver.origin,
    effects: () => receiver.received.map(({ method, path }) => `${method} ${path}`),
    loseNextAnswer: () => (receiver.losesAnswer = true),
    stop: () => receiver.stop(),
  };
}

export async function mailOutside(): Promise<Outside> {
  const sink = await SmtpSink.start();
  const settings = { ...nothing, smtpUrl: sink.url, mailFrom: 'Praetor <praetor@praetor-law.example>' };
  return {
    outbound: openOutbound(settings, systemClock),
    origin: '',
    effects: () => sink.received.map(({ to }) => `mail to ${to.join()}`),
    loseNextAnswer: () => (sink.losesAnswer = true),
    stop: () => sink.stop(),
  };
}
