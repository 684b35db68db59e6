import { Body, Controller, Delete, Get, Headers, Param, Post, Put, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../store/database.js';
import { Actor, Needs } from './access.js';
import { Answers, AnswersFile, AnswersNothing } from './answers.js';
import { versionPath, type VersionPath } from './rule-versions.js';
import {
  approveBody,
  createBody,
  deleteQuery,
  replaceBody,
  rollbackBody,
  type ApproveBody,
  type CreateBody,
  type DeleteQuery,
  type ReplaceBody,
  type RollbackBody,
} from './rule-bodies.js';
import { RuleEditor } from './rule-editor.js';
import {
  exportRules,
  importBody,
  importReport,
  type ImportBody,
  type ImportReport,
} from './rule-transfer.js';
import { editedRule, ruleTag, type EditedRule } from './rule-views.js';

/** Rules whose text lives in the database. */
@ApiTags('rules')
@Controller('api/v1/rules')
export class RuleEditingController {
  constructor(
    private readonly editor: RuleEditor,
    private readonly database: Database,
  ) {}

  /** Puts a new rule in force. */
  @Post()
  @Needs('edit', 'installation')
  @Answers(201, editedRule)
  async create(
    @Actor() actor: Actor,
    @Body({ schema: createBody }) { text, note }: CreateBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedRule> {
    const rule = await this.editor.create(text, { actor, note });
    void reply.header('location', `/api/v1/rules/${rule.id}`);
    return tagged(reply, rule);
  }

  /** Puts another text of a rule in force; If-Match must name the ETag of the one that was read. */
  @Put(':id')
  @Needs('edit', 'installation')
  @Answers(200, editedRule)
  async replace(
    @Actor() actor: Actor,
    @Param('id') id: string,
    @Body({ schema: replaceBody }) { text, note }: ReplaceBody,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<EditedRule> {
    return tagged(reply, await this.editor.replace(id, text, { actor, ifMatch, note }));
  }

  /** Takes a rule out of force; its versions, decisions and runs stay. */
  @Delete(':id')
  @Needs('edit', 'installation')
  @AnswersNothing()
  remove(
    @Actor() actor: Actor,
    @Param('id') id: string,
    @Query({ schema: deleteQuery }) { waiting }: DeleteQuery,
    @Headers('if-match') ifMatch?: string,
  ): Promise<void> {
    return this.editor.remove(id, waiting, { actor, ifMatch });
  }

  /** Puts the text of an older version in force, as a new version. */
  @Post(':id/rollback')
  @Needs('edit', 'installation')
  @Answers(200, editedRule)
  async rollback(
    @Actor() actor: Actor,
    @Param('id') id: string,
    @Body({ schema: rollbackBody }) { to, note }: RollbackBody,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Headers('if-match') ifMatch?: string,
  ): Promise<EditedRule> {
    return tagged(reply, await this.editor.rollback(id, to, { actor, ifMatch, note }));
  }

  /** Puts a version in force that waits, when somebody else than its author says so. */
  @Post(':id/versions/:number/approve')
  @Needs('approve', 'installation')
  @Answers(200, editedRule)
  async approve(
    @Actor() actor: Actor,
    @Param({ schema: versionPath }) path: VersionPath,
    @Body({ schema: approveBody }) { hash }: ApproveBody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<EditedRule> {
    return tagged(reply, await this.editor.approve({ ...path, hash }, { actor }));
  }

  /** All rules of the API as one text, comments kept. */
  @Get('export')
  @Needs('read')
  @AnswersFile('text/yaml')
  async export(@Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    void reply.header('content-type', YAML);
    return exportRules(this.database);
  }

  /** Takes up all rules of a text, or none. */
  @Post('import')
  @Needs('edit', 'installation')
  @Answers(200, importReport)
  takeIn(@Actor() actor: Actor, @Body({ schema: importBody }) body: ImportBody): Promise<ImportReport> {
    return this.editor.takeIn(body, { actor, note: body.note });
  }
}

export const YAML = 'text/yaml; charset=utf-8';

function tagged(reply: FastifyReply, rule: EditedRule): EditedRule {
  if (!rule.pending) void reply.header('etag', ruleTag(rule));
  return rule;
}
