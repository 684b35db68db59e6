import { Controller, Get, Param, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Database } from '../store/database.js';
import { Needs } from './access.js';
import { Answers, AnswersFile } from './answers.js';
import { found } from './found.js';
import type { Page } from './page.js';
import { YAML } from './rule-editing.controller.js';
import {
  diffPath,
  diffVersions,
  listVersions,
  newestSource,
  readVersion,
  versionDetail,
  versionDiff,
  versionPath,
  versionsPage,
  versionsQuery,
  type DiffPath,
  type VersionDetail,
  type VersionLine,
  type VersionDiff,
  type VersionPath,
  type VersionsQuery,
} from './rule-versions.js';

/** What a rule was, and is: of files and of the API. */
@ApiTags('rules')
@Controller('api/v1/rules/:id')
export class RuleVersionsController {
  constructor(private readonly database: Database) {}

  @Get('versions')
  @Needs('read')
  @Answers(200, versionsPage)
  list(
    @Param('id') id: string,
    @Query({ schema: versionsQuery }) query: VersionsQuery,
  ): Promise<Page<VersionLine>> {
    return listVersions(this.database, id, query);
  }

  @Get('versions/:number')
  @Needs('read')
  @Answers(200, versionDetail)
  show(@Param({ schema: versionPath }) path: VersionPath): Promise<VersionDetail> {
    return readVersion(this.database, path);
  }

  /** Line by line what is in the second version and not in the first, and the other way round. */
  @Get('versions/:a/diff/:b')
  @Needs('read')
  @Answers(200, versionDiff)
  diff(@Param({ schema: diffPath }) path: DiffPath): Promise<VersionDiff> {
    return diffVersions(this.database, path);
  }

  /** The newest text, comments kept; of a rule of files the whole file. */
  @Get('export')
  @Needs('read')
  @AnswersFile('text/yaml')
  async export(@Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<string> {
    const text = found('rule', id, await newestSource(this.database, id));
    void reply.header('content-type', YAML);
    return text;
  }
}
