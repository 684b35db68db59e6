import { Module } from '@nestjs/common';
import { ActModule } from '../act/act.module.js';
import { StoreModule } from '../store/store.module.js';
import { ApprovalSteps } from './approval-steps.js';
import { ControlSteps } from './control-steps.js';
import { RunWorker } from './run.worker.js';

/** run: carry out what was decided, until it is settled. */
@Module({
  imports: [StoreModule, ActModule],
  providers: [ApprovalSteps, ControlSteps, RunWorker],
  exports: [RunWorker],
})
export class RunModule {}
