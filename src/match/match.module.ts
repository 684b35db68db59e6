import { Module } from '@nestjs/common';
import { StoreModule } from '../store/store.module.js';
import { MatchWorker } from './match.worker.js';
import { SilenceWorker } from './silence.worker.js';

/** match: ask every rule about every event, once. RULE_BOOK and ACTION_WORDS come from whoever puts it together. */
@Module({
  imports: [StoreModule],
  providers: [MatchWorker, SilenceWorker],
  exports: [MatchWorker, SilenceWorker],
})
export class MatchModule {}
