// Made by "npm run docs:api" from /api/openapi.json.
export interface paths {
    "/api/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["alerts_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["approvals_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["approvals_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["approvals_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/approvals/{id}/reject": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["approvals_reject"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["audit_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["audit_verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["connections_list"];
        put?: never;
        post: operations["connections_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["connections_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/gaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["gaps_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/{id}/subscriptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["connections_subscriptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/connections/authorize": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["connections_authorize"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/decisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["decisions_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/engine": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["engine_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/engine/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["engine_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/engine/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["engine_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["events_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["events_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/{id}/replay": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["eventVerbs_replay"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/events/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["eventVerbs_bulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["jobs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["jobs_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["jobs_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["jobs_follow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["live_follow"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["rules_list"];
        put?: never;
        post: operations["ruleEditing_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["rules_show"];
        put: operations["ruleEditing_replace"];
        post?: never;
        delete: operations["ruleEditing_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["backtests_ofRule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["rules_explain"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ruleVersions_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pauses_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/pauses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["pauses_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pauses_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/rollback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleEditing_rollback"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["rules_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/shadow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["pauses_shadow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/simulate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleTrials_simulate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleTrials_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ruleVersions_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/versions/{a}/diff/{b}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ruleVersions_diff"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/versions/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ruleVersions_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/{id}/versions/{number}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleEditing_approve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/backtest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["backtests_ofText"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/evaluate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleTrials_evaluate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["ruleEditing_export"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/rules/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleEditing_takeIn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["runs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["runs_show"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["runVerbs_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["runVerbs_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["runVerbs_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/{id}/revert": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["runVerbs_revert"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/runs/bulk": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["runVerbs_bulk"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["session_show"];
        put?: never;
        post: operations["session_signIn"];
        delete: operations["session_signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["tokens_list"];
        put?: never;
        post: operations["tokens_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete: operations["tokens_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/validate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["ruleTrials_validate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        __schema0: string | number | boolean | (null) | components["schemas"]["__schema0"][] | {
            [key: string]: components["schemas"]["__schema0"];
        };
        Problem: {
            /** @description The health checks by name, when readiness is what failed. */
            checks?: unknown;
            code: string;
            /** @description What is there now, of what was changed since the caller read it: its etag and version. */
            current?: unknown;
            /** @description What happened, to what, and what to do. */
            detail: string;
            /** @description What is wrong with a rule's text, with line and column. */
            diagnostics?: unknown;
            /** @description One line for each thing to change. */
            readonly problems?: string[];
            /** @description Seconds after which the same request may succeed; Retry-After too. */
            retry_after?: number;
            status: number;
            title: string;
            /** @constant */
            type: "about:blank";
            /** @description How many open runs stand in the way. */
            waiting_runs?: unknown;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    alerts_list: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description One or several, separated by commas: subscription_suspended, subscription_failed, connection_lost, scope_missing, sweep_failed, reference_broken, approval_stuck, rule_broken, rule_paused, rule_over_limit, rule_overloaded, rule_silent, schedule_failed, engine_stopped, ticks_left_out, too_many_records, step_in_doubt. */
                kind?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id, kind, subject and message. A page looks through 1000 entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor. */
                q?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -raised_at, raised_at; with a minus the last or newest first. */
                sort?: "-raised_at" | "raised_at";
                /** @description One or several, separated by commas: open, closed, all. */
                status?: string;
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /**
                             * Format: date-time
                             * @description When its cause was gone.
                             */
                            closed_at: string | null;
                            /** @description Null when it is about the whole installation. */
                            connection_id: string | null;
                            id: string;
                            /** @description For example subscription_suspended, connection_lost, scope_missing. */
                            kind: string;
                            /** @description What happened, to what, and what to do. */
                            message: string;
                            /** Format: date-time */
                            raised_at: string;
                            /**
                             * Format: date-time
                             * @description When its cause was last seen.
                             */
                            seen_at: string;
                            /** @enum {string} */
                            status: "open" | "closed";
                            /** @description What it is about, within its kind: a model, for example. */
                            subject: string;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvals_list: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id, rule_id, step, decided_by and comment. A page looks through 1000 entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor. */
                q?: string;
                rule_id?: string;
                run_id?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -requested_at, requested_at; with a minus the last or newest first. */
                sort?: "-requested_at" | "requested_at";
                /** @description One or several, separated by commas: pending, approved, rejected, expired, all. */
                status?: string;
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @description As the rule names them. */
                            asked: string[];
                            comment: string | null;
                            connection_id: string;
                            /** Format: date-time */
                            decided_at: string | null;
                            /** @description The name that was given; null when nobody decided. */
                            decided_by: string | null;
                            /** @description The token that decided, or what in the engine. */
                            decided_with: {
                                id: string;
                                kind: string;
                                name: string;
                            } | null;
                            /**
                             * Format: date-time
                             * @description When the time-out applies; null when there is none.
                             */
                            due_at: string | null;
                            /** @description What was changed in the steps that follow. before: null when it had none, or it was not known yet. */
                            edits: {
                                after: unknown;
                                before: unknown;
                                field: string;
                                step: string;
                            }[];
                            id: string;
                            /** @enum {string} */
                            on_timeout: "reject" | "approve" | "escalate";
                            people: {
                                asked: string;
                                email: string | null;
                                id: string;
                                name: string;
                            }[];
                            /** @description What follows when it is approved, up to the next wait, approval or end, as it was when it was asked. */
                            preview: {
                                action: string;
                                /** @description As it is sent, without what is in not_yet; null where nothing is rendered. */
                                input: unknown;
                                /** @description Fields that read what is not known yet. such_as: with made-up values in place of it. */
                                not_yet: {
                                    because: string;
                                    field: string;
                                    such_as: unknown;
                                }[];
                                /** @description Why it is so. */
                                note: string | null;
                                step: string;
                                /**
                                 * @description act: carried out with the input. depend: a step before it tells. wait, ask, end: no more can be told.
                                 * @enum {string}
                                 */
                                will: "act" | "depend" | "skip" | "fail" | "wait" | "ask" | "end";
                            }[];
                            /** Format: date-time */
                            requested_at: string;
                            rule_id: string;
                            run_id: string;
                            /** @enum {string} */
                            status: "pending" | "approved" | "rejected" | "expired";
                            /** @description The key of the step in the run. */
                            step: string;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvals_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: id, connection_id, run_id, step, rule_id, asked, people, preview, status, on_timeout, requested_at, due_at, decided_by, decided_with, decided_at, comment, edits, may_decide, record, matter, because, reasons, way. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description As the rule names them. */
                        asked: string[];
                        /** @description The verdicts of the conditions of the rule. */
                        because: unknown;
                        comment: string | null;
                        connection_id: string;
                        /** Format: date-time */
                        decided_at: string | null;
                        /** @description The name that was given; null when nobody decided. */
                        decided_by: string | null;
                        /** @description The token that decided, or what in the engine. */
                        decided_with: {
                            id: string;
                            kind: string;
                            name: string;
                        } | null;
                        /**
                         * Format: date-time
                         * @description When the time-out applies; null when there is none.
                         */
                        due_at: string | null;
                        /** @description What was changed in the steps that follow. before: null when it had none, or it was not known yet. */
                        edits: {
                            after: unknown;
                            before: unknown;
                            field: string;
                            step: string;
                        }[];
                        id: string;
                        /** @description The matter: the record itself, or the one it belongs to. */
                        matter: {
                            id: string;
                            name: string | null;
                        } | null;
                        /** @description The roles of tokens that may decide; the people asked are in people. */
                        may_decide: string[];
                        /** @enum {string} */
                        on_timeout: "reject" | "approve" | "escalate";
                        people: {
                            asked: string;
                            email: string | null;
                            id: string;
                            name: string;
                        }[];
                        /** @description What follows when it is approved, up to the next wait, approval or end, as it was when it was asked. */
                        preview: {
                            action: string;
                            /** @description As it is sent, without what is in not_yet; null where nothing is rendered. */
                            input: unknown;
                            /** @description Fields that read what is not known yet. such_as: with made-up values in place of it. */
                            not_yet: {
                                because: string;
                                field: string;
                                such_as: unknown;
                            }[];
                            /** @description Why it is so. */
                            note: string | null;
                            step: string;
                            /**
                             * @description act: carried out with the input. depend: a step before it tells. wait, ask, end: no more can be told.
                             * @enum {string}
                             */
                            will: "act" | "depend" | "skip" | "fail" | "wait" | "ask" | "end";
                        }[];
                        /** @description The same in words, a line each, indented by depth. */
                        reasons: string[];
                        /** @description The record that the run is about. */
                        record: {
                            id: string;
                            model: string;
                            name: string | null;
                        } | null;
                        /** Format: date-time */
                        requested_at: string;
                        rule_id: string;
                        run_id: string;
                        /** @enum {string} */
                        status: "pending" | "approved" | "rejected" | "expired";
                        /** @description The key of the step in the run. */
                        step: string;
                        /** @description The branches that the run took to come here. */
                        way: {
                            because: string;
                            step: string;
                            took: string;
                        }[];
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvals_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description On whose word: a name or an e-mail address; the name of the token when left out. The token is kept beside it. */
                    by?: string;
                    comment?: string;
                    /** @description Other inputs for the actions in the preview, by step and field: {"call": {"name": "Call her", "assignee": 7}}. A dotted path leads into a field. */
                    edits?: {
                        [key: string]: {
                            [key: string]: components["schemas"]["__schema0"];
                        };
                    };
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description As the rule names them. */
                        asked: string[];
                        comment: string | null;
                        connection_id: string;
                        /** Format: date-time */
                        decided_at: string | null;
                        /** @description The name that was given; null when nobody decided. */
                        decided_by: string | null;
                        /** @description The token that decided, or what in the engine. */
                        decided_with: {
                            id: string;
                            kind: string;
                            name: string;
                        } | null;
                        /**
                         * Format: date-time
                         * @description When the time-out applies; null when there is none.
                         */
                        due_at: string | null;
                        /** @description What was changed in the steps that follow. before: null when it had none, or it was not known yet. */
                        edits: {
                            after: unknown;
                            before: unknown;
                            field: string;
                            step: string;
                        }[];
                        id: string;
                        /** @enum {string} */
                        on_timeout: "reject" | "approve" | "escalate";
                        people: {
                            asked: string;
                            email: string | null;
                            id: string;
                            name: string;
                        }[];
                        /** @description What follows when it is approved, up to the next wait, approval or end, as it was when it was asked. */
                        preview: {
                            action: string;
                            /** @description As it is sent, without what is in not_yet; null where nothing is rendered. */
                            input: unknown;
                            /** @description Fields that read what is not known yet. such_as: with made-up values in place of it. */
                            not_yet: {
                                because: string;
                                field: string;
                                such_as: unknown;
                            }[];
                            /** @description Why it is so. */
                            note: string | null;
                            step: string;
                            /**
                             * @description act: carried out with the input. depend: a step before it tells. wait, ask, end: no more can be told.
                             * @enum {string}
                             */
                            will: "act" | "depend" | "skip" | "fail" | "wait" | "ask" | "end";
                        }[];
                        /** Format: date-time */
                        requested_at: string;
                        rule_id: string;
                        run_id: string;
                        /** @enum {string} */
                        status: "pending" | "approved" | "rejected" | "expired";
                        /** @description The key of the step in the run. */
                        step: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    approvals_reject: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description On whose word: a name or an e-mail address; the name of the token when left out. The token is kept beside it. */
                    by?: string;
                    comment?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description As the rule names them. */
                        asked: string[];
                        comment: string | null;
                        connection_id: string;
                        /** Format: date-time */
                        decided_at: string | null;
                        /** @description The name that was given; null when nobody decided. */
                        decided_by: string | null;
                        /** @description The token that decided, or what in the engine. */
                        decided_with: {
                            id: string;
                            kind: string;
                            name: string;
                        } | null;
                        /**
                         * Format: date-time
                         * @description When the time-out applies; null when there is none.
                         */
                        due_at: string | null;
                        /** @description What was changed in the steps that follow. before: null when it had none, or it was not known yet. */
                        edits: {
                            after: unknown;
                            before: unknown;
                            field: string;
                            step: string;
                        }[];
                        id: string;
                        /** @enum {string} */
                        on_timeout: "reject" | "approve" | "escalate";
                        people: {
                            asked: string;
                            email: string | null;
                            id: string;
                            name: string;
                        }[];
                        /** @description What follows when it is approved, up to the next wait, approval or end, as it was when it was asked. */
                        preview: {
                            action: string;
                            /** @description As it is sent, without what is in not_yet; null where nothing is rendered. */
                            input: unknown;
                            /** @description Fields that read what is not known yet. such_as: with made-up values in place of it. */
                            not_yet: {
                                because: string;
                                field: string;
                                such_as: unknown;
                            }[];
                            /** @description Why it is so. */
                            note: string | null;
                            step: string;
                            /**
                             * @description act: carried out with the input. depend: a step before it tells. wait, ask, end: no more can be told.
                             * @enum {string}
                             */
                            will: "act" | "depend" | "skip" | "fail" | "wait" | "ask" | "end";
                        }[];
                        /** Format: date-time */
                        requested_at: string;
                        rule_id: string;
                        run_id: string;
                        /** @enum {string} */
                        status: "pending" | "approved" | "rejected" | "expired";
                        /** @description The key of the step in the run. */
                        step: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                /** @description The actor's id. */
                actor?: string;
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description One or several, separated by commas: rule.in_force, rule.removed, rule.broken, rule.started, rule.paused, rule.resumed, rule.mode_changed, rule.proposed, rule.approved, rule.rejected, run.approved, run.rejected, run.retried, run.resumed, run.cancelled, run.reverted, event.replayed, engine.stopped, engine.started, job.started, job.cancelled, connection.added, connection.renewed, connection.removed, token.created, token.revoked, effect. */
                kind?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description The matter's id at Clio. */
                matter?: string;
                /** @description Only with this text, in any case, in kind, the actor's id and name, rule_id, run_id, matter_id and facts. A page looks through 1000 entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor. */
                q?: string;
                rule_id?: string;
                run_id?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -seq, seq; with a minus the last or newest first. */
                sort?: "-seq" | "seq";
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            actor: {
                                id: string;
                                /** @enum {string} */
                                kind: "token" | "admin_token" | "cli" | "engine";
                                name: string;
                            };
                            /** Format: date-time */
                            at: string;
                            connection_id: string | null;
                            /** @description Ids, etags, hashes and reasons; never a text of the firm. */
                            facts: unknown;
                            /** @description SHA-256 over all the other columns. */
                            hash: string;
                            /** @description What happened, for example effect, rule.in_force, run.cancelled. */
                            kind: string;
                            /** @description The matter's id at Clio, where one is known. */
                            matter_id: string | null;
                            /** @description The hash of the entry before; 64 zeros for the first. */
                            prev_hash: string;
                            rule_id: string | null;
                            run_id: string | null;
                            /** @description Its number in the trail, from 1 on, without a gap. */
                            seq: number;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_export: {
        parameters: {
            query: {
                /** @description Where several firms have a matter of that id. */
                connection_id?: string;
                format?: "csv" | "pdf";
                /** @description The matter's id at Clio. */
                matter: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/pdf": string;
                    "text/csv": string;
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_verify: {
        parameters: {
            query?: {
                /** @description A head that was kept outside: the trail must still have it. */
                head?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many entries hold, from the first on. */
                        entries: number;
                        /** @description The first entry that is wrong. */
                        fault: {
                            message: string;
                            seq: number;
                            /** @enum {string} */
                            what: "changed" | "moved" | "missing" | "surplus" | "truncated" | "rewritten";
                        } | null;
                        /** @description Number and hash of the last that holds; keep it outside and compare later. */
                        head: string;
                        ok: boolean;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connections_list: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id, name, and the names of user and account. */
                q?: string;
                /** @description The order: -created_at, created_at, name, -name; with a minus the last or newest first. */
                sort?: "-created_at" | "created_at" | "name" | "-name";
                /** @description One or several, separated by commas: active, needs_authorisation. */
                status?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            account: {
                                id: string | null;
                                name: string | null;
                            };
                            base_url: string;
                            /** Format: date-time */
                            created_at: string;
                            id: string;
                            /** @description What Clio forbids this connection; the alert says what to do and which rules it disables. */
                            missing_scopes: {
                                message: string;
                                model: string;
                                /** @description As Clio's developer portal calls it. */
                                permission: string;
                            }[];
                            name: string;
                            /** @description How many things about it somebody has to look at. */
                            open_alerts: number;
                            region: string | null;
                            /** @description True when an earlier connection speaks for the same firm: this one does nothing meanwhile. */
                            stands_by: boolean;
                            /** @enum {string} */
                            status: "active" | "needs_authorisation";
                            /** @description The webhooks kept at Clio for this connection. */
                            subscriptions: {
                                events: string[];
                                /** Format: date-time */
                                expires_at: string | null;
                                id: string;
                                model: string;
                                /**
                                 * @description pending: Clio has not confirmed it. suspended: Clio gave it up. disabled: not wanted any more.
                                 * @enum {string}
                                 */
                                status: "pending" | "enabled" | "suspended" | "disabled";
                            }[];
                            /** Format: date-time */
                            token_expires_at: string | null;
                            /** Format: date-time */
                            updated_at: string;
                            user: {
                                id: string;
                                name: string;
                            };
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connections_add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    access_token: string;
                    /**
                     * Format: uri
                     * @description Origin of Clio, instead of a region's.
                     */
                    base_url?: string;
                    /** @description Seconds until the access token ends. */
                    expires_in?: number;
                    /** @description Default: the firm's name at Clio. */
                    name?: string;
                    refresh_token?: string;
                    /** @enum {string} */
                    region?: "us" | "eu" | "ca" | "au";
                };
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            id: string | null;
                            name: string | null;
                        };
                        base_url: string;
                        /** Format: date-time */
                        created_at: string;
                        id: string;
                        /** @description What Clio forbids this connection; the alert says what to do and which rules it disables. */
                        missing_scopes: {
                            message: string;
                            model: string;
                            /** @description As Clio's developer portal calls it. */
                            permission: string;
                        }[];
                        name: string;
                        /** @description How many things about it somebody has to look at. */
                        open_alerts: number;
                        region: string | null;
                        /** @description True when an earlier connection speaks for the same firm: this one does nothing meanwhile. */
                        stands_by: boolean;
                        /** @enum {string} */
                        status: "active" | "needs_authorisation";
                        /** @description The webhooks kept at Clio for this connection. */
                        subscriptions: {
                            events: string[];
                            /** Format: date-time */
                            expires_at: string | null;
                            id: string;
                            model: string;
                            /**
                             * @description pending: Clio has not confirmed it. suspended: Clio gave it up. disabled: not wanted any more.
                             * @enum {string}
                             */
                            status: "pending" | "enabled" | "suspended" | "disabled";
                        }[];
                        /** Format: date-time */
                        token_expires_at: string | null;
                        /** Format: date-time */
                        updated_at: string;
                        user: {
                            id: string;
                            name: string;
                        };
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connections_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: id, name, region, base_url, status, stands_by, user, account, token_expires_at, subscriptions, missing_scopes, open_alerts, created_at, updated_at. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        account: {
                            id: string | null;
                            name: string | null;
                        };
                        base_url: string;
                        /** Format: date-time */
                        created_at: string;
                        id: string;
                        /** @description What Clio forbids this connection; the alert says what to do and which rules it disables. */
                        missing_scopes: {
                            message: string;
                            model: string;
                            /** @description As Clio's developer portal calls it. */
                            permission: string;
                        }[];
                        name: string;
                        /** @description How many things about it somebody has to look at. */
                        open_alerts: number;
                        region: string | null;
                        /** @description True when an earlier connection speaks for the same firm: this one does nothing meanwhile. */
                        stands_by: boolean;
                        /** @enum {string} */
                        status: "active" | "needs_authorisation";
                        /** @description The webhooks kept at Clio for this connection. */
                        subscriptions: {
                            events: string[];
                            /** Format: date-time */
                            expires_at: string | null;
                            id: string;
                            model: string;
                            /**
                             * @description pending: Clio has not confirmed it. suspended: Clio gave it up. disabled: not wanted any more.
                             * @enum {string}
                             */
                            status: "pending" | "enabled" | "suspended" | "disabled";
                        }[];
                        /** Format: date-time */
                        token_expires_at: string | null;
                        /** Format: date-time */
                        updated_at: string;
                        user: {
                            id: string;
                            name: string;
                        };
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    gaps_show: {
        parameters: {
            query?: {
                /** @description Changes that came in from then on; the last 7 days when left out. */
                since?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connection_id: string;
                        connection_name: string;
                        models: {
                            /** @description Told of by a webhook before anything else found them. */
                            delivered: number;
                            /**
                             * Format: date-time
                             * @description When its list was last read to the end; null if never.
                             */
                            last_walk_at: string | null;
                            /** @description Found by a sweep; the webhook came afterwards. */
                            late: number;
                            model: string;
                            /** @description Found by a sweep; no webhook has come. */
                            never_came: number;
                            /** @description Not decided yet; the rest of all. */
                            open: number;
                            /** @description Found by reading lists, where no webhook was to be expected. */
                            polled: number;
                            /** @description Every rule that listens has decided, or none does. */
                            processed: number;
                        }[];
                        /** Format: date-time */
                        since: string;
                        total: {
                            /** @description Told of by a webhook before anything else found them. */
                            delivered: number;
                            /** @description Found by a sweep; the webhook came afterwards. */
                            late: number;
                            /** @description Found by a sweep; no webhook has come. */
                            never_came: number;
                            /** @description Not decided yet; the rest of all. */
                            open: number;
                            /** @description Found by reading lists, where no webhook was to be expected. */
                            polled: number;
                            /** @description Every rule that listens has decided, or none does. */
                            processed: number;
                        };
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connections_subscriptions: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id and model. */
                q?: string;
                /** @description The order: model, -model, created_at, -created_at; with a minus the last or newest first. */
                sort?: "model" | "-model" | "created_at" | "-created_at";
                /** @description One or several, separated by commas: pending, enabled, suspended, disabled. */
                status?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** Format: date-time */
                            created_at: string;
                            events: string[];
                            /** Format: date-time */
                            expires_at: string | null;
                            /** @description What Clio is asked to send of a record. */
                            fields: string;
                            id: string;
                            model: string;
                            /**
                             * Format: date-time
                             * @description When the present end was asked for.
                             */
                            renewed_at: string | null;
                            /**
                             * @description pending: Clio has not confirmed it. suspended: Clio gave it up. disabled: not wanted any more.
                             * @enum {string}
                             */
                            status: "pending" | "enabled" | "suspended" | "disabled";
                            /** Format: date-time */
                            updated_at: string;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    connections_authorize: {
        parameters: {
            query?: {
                region?: "us" | "eu" | "ca" | "au";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uri */
                        authorize_url: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    decisions_list: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                event_id?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description One or several, separated by commas: matched, not_matched, unknown, suppressed, errored. */
                outcome?: string;
                /** @description Only with this text, in any case, in id, rule_id and reason. A page looks through 1000 entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor. */
                q?: string;
                /** @description Model and id: matter/123. */
                record?: string;
                rule_id?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -created_at, created_at; with a minus the last or newest first. */
                sort?: "-created_at" | "created_at";
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            event_id: string;
                            /** @description The tree of verdicts: each condition with its value and what it saw. */
                            explanation: unknown;
                            id: string;
                            /** @enum {string} */
                            outcome: "matched" | "not_matched" | "unknown" | "suppressed" | "errored";
                            reason: string;
                            /** @description The version of the rule that decided. */
                            rule_hash: string;
                            rule_id: string;
                            run_id: string | null;
                            /** @description True when the rule only watches: nothing was sent. */
                            shadow: boolean;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    engine_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: status, stopped_at, reason, stopped_by. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reason: string | null;
                        /**
                         * @description stopped: webhooks are taken in, events are read and decided, and nothing is carried out.
                         * @enum {string}
                         */
                        status: "running" | "stopped";
                        /** Format: date-time */
                        stopped_at: string | null;
                        stopped_by: string | null;
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    engine_start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reason: string | null;
                        /**
                         * @description stopped: webhooks are taken in, events are read and decided, and nothing is carried out.
                         * @enum {string}
                         */
                        status: "running" | "stopped";
                        /** Format: date-time */
                        stopped_at: string | null;
                        stopped_by: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    engine_stop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        reason: string | null;
                        /**
                         * @description stopped: webhooks are taken in, events are read and decided, and nothing is carried out.
                         * @enum {string}
                         */
                        status: "running" | "stopped";
                        /** Format: date-time */
                        stopped_at: string | null;
                        stopped_by: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events_list: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id, type, record_id and reason. A page looks through 1000 entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor. */
                q?: string;
                /** @description Model and id: matter/123. */
                record?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -received_at, received_at; with a minus the last or newest first. */
                sort?: "-received_at" | "received_at";
                /** @description One or several, separated by commas: planned, held, received, ready, matched, ignored, gone, failed. */
                status?: string;
                /** @description For example matter.updated. */
                type?: string;
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            attempts: number;
                            /** @description The run whose own write came back as this event. */
                            caused_by_run_id: string | null;
                            /** @description Paths whose values differ from the last known record. */
                            changed: string[] | null;
                            connection_id: string;
                            depth: number;
                            etag: string | null;
                            id: string;
                            model: string;
                            /** @description Why it was ignored, or what went wrong. */
                            reason: string | null;
                            /** Format: date-time */
                            received_at: string;
                            record_id: string;
                            /** @description The event that this one is a replay of. */
                            replay_of: string | null;
                            /** @enum {string} */
                            source: "webhook" | "poll" | "sweep" | "manual" | "schedule" | "replay" | "revert";
                            /** @enum {string} */
                            status: "planned" | "held" | "received" | "ready" | "matched" | "ignored" | "gone" | "failed";
                            /** @description Model and what happened to it: matter.updated. */
                            type: string;
                            /** @description Every type that a trigger may know it by: matter.closed beside matter.updated. */
                            types: string[];
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: id, connection_id, type, types, model, record_id, source, status, reason, etag, changed, attempts, caused_by_run_id, depth, replay_of, received_at, payload, record, previous, decisions, debouncing, lookups, waits_for. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        attempts: number;
                        /** @description The run whose own write came back as this event. */
                        caused_by_run_id: string | null;
                        /** @description Paths whose values differ from the last known record. */
                        changed: string[] | null;
                        connection_id: string;
                        /** @description Rules that wait for further events before they decide this one. */
                        debouncing: {
                            rule_id: string;
                            /** Format: date-time */
                            until: string;
                        }[];
                        decisions: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            event_id: string;
                            /** @description The tree of verdicts: each condition with its value and what it saw. */
                            explanation: unknown;
                            id: string;
                            /** @enum {string} */
                            outcome: "matched" | "not_matched" | "unknown" | "suppressed" | "errored";
                            reason: string;
                            /** @description The version of the rule that decided. */
                            rule_hash: string;
                            rule_id: string;
                            run_id: string | null;
                            /** @description True when the rule only watches: nothing was sent. */
                            shadow: boolean;
                        }[];
                        depth: number;
                        etag: string | null;
                        id: string;
                        /** @description What rules looked up at Clio before they decided. */
                        lookups: {
                            /** @description What Clio is asked for, by the names that the rule has for it. */
                            asked: unknown;
                            /** @description Why nothing could be found, so far or for good. */
                            error: string | null;
                            /** @description How many records, by name. */
                            found: {
                                [key: string]: number;
                            } | null;
                            /** Format: date-time */
                            next_try_at: string | null;
                            rule_id: string;
                            /**
                             * @description asked: Clio is still to answer, and the rule decides then.
                             * @enum {string}
                             */
                            status: "asked" | "answered" | "decided";
                        }[];
                        model: string;
                        /** @description What was delivered. */
                        payload: unknown;
                        /** @description The record as it was known before. */
                        previous: unknown;
                        /** @description Why it was ignored, or what went wrong. */
                        reason: string | null;
                        /** Format: date-time */
                        received_at: string;
                        /** @description The record as the rules saw it. */
                        record: unknown;
                        record_id: string;
                        /** @description The event that this one is a replay of. */
                        replay_of: string | null;
                        /** @enum {string} */
                        source: "webhook" | "poll" | "sweep" | "manual" | "schedule" | "replay" | "revert";
                        /** @enum {string} */
                        status: "planned" | "held" | "received" | "ready" | "matched" | "ignored" | "gone" | "failed";
                        /** @description Model and what happened to it: matter.updated. */
                        type: string;
                        /** @description Every type that a trigger may know it by: matter.closed beside matter.updated. */
                        types: string[];
                        /** @description Rules that look something up for an earlier event of the record, which is decided before. */
                        waits_for: {
                            event_id: string;
                            rule_id: string;
                        }[];
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    eventVerbs_replay: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Needed when rules acted on the event before.
                     * @default false
                     */
                    confirm?: boolean;
                    /** @description Only this rule is asked; all that listen when left out. */
                    rule?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description What rules had done for the event, and may now do a second time. */
                        acted_before: {
                            rule_id: string;
                            run_id: string;
                            /**
                             * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                             * @enum {string}
                             */
                            status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        }[];
                        /** @description The new event; its decisions say what came of it: GET /api/v1/events/{id}. */
                        event_id: string;
                        replay_of: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    eventVerbs_bulk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Needed for events on which rules acted before.
                     * @default false
                     */
                    confirm?: boolean;
                    /** @description How many it must be. Without it nothing is done, and the answer says how many there are. */
                    expect?: number;
                    /** @description Only this rule is asked. */
                    rule?: string;
                    /** @enum {string} */
                    verb: "replay";
                    where: {
                        connection?: string;
                        /**
                         * Format: date-time
                         * @description Not before this time.
                         */
                        since?: string;
                        /**
                         * @default matched
                         * @enum {string}
                         */
                        status?: "matched" | "ignored" | "gone" | "failed";
                        /** @description For example matter.created. */
                        type?: string;
                        /**
                         * Format: date-time
                         * @description Not after this time.
                         */
                        until?: string;
                    };
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many there are; send it as "expect" to have it done. */
                        count: number;
                        /** @description For how many it was done; null when nothing was asked for. */
                        done: number | null;
                        /** @description The first of those whose state did not allow it. */
                        refused: {
                            id: string;
                            message: string;
                        }[];
                        /** @description The ids of the newest of them. */
                        sample: string[];
                        /** @enum {string} */
                        verb: "retry" | "cancel" | "replay";
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobs_list: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description One or several, separated by commas: backtest. */
                kind?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id, subject and error. */
                q?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -created_at, created_at; with a minus the last or newest first. */
                sort?: "-created_at" | "created_at";
                /** @description One or several, separated by commas: queued, running, done, failed, cancelled, all. */
                status?: string;
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            asked_by: {
                                id: string;
                                /** @enum {string} */
                                kind: "token" | "admin_token" | "cli" | "engine";
                                name: string;
                            };
                            /** @description The connection that it is confined to; null for all. */
                            connection_id: string | null;
                            /** Format: date-time */
                            created_at: string;
                            /** @description Why it failed, and what to do. */
                            error: string | null;
                            /**
                             * Format: date-time
                             * @description It is kept for 7 days from then on.
                             */
                            finished_at: string | null;
                            id: string;
                            /** @enum {string} */
                            kind: "backtest";
                            progress: {
                                done: number;
                                /** @description Null until it is known. */
                                total: number | null;
                            };
                            /** Format: date-time */
                            started_at: string | null;
                            /** @enum {string} */
                            status: "queued" | "running" | "done" | "failed" | "cancelled";
                            /** @description What it is about: the ids of rules. */
                            subject: string;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobs_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: id, kind, status, subject, asked_by, connection_id, progress, error, created_at, started_at, finished_at, request, result. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        asked_by: {
                            id: string;
                            /** @enum {string} */
                            kind: "token" | "admin_token" | "cli" | "engine";
                            name: string;
                        };
                        /** @description The connection that it is confined to; null for all. */
                        connection_id: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** @description Why it failed, and what to do. */
                        error: string | null;
                        /**
                         * Format: date-time
                         * @description It is kept for 7 days from then on.
                         */
                        finished_at: string | null;
                        id: string;
                        /** @enum {string} */
                        kind: "backtest";
                        progress: {
                            done: number;
                            /** @description Null until it is known. */
                            total: number | null;
                        };
                        /** @description What was asked for. */
                        request: unknown;
                        /** @description Null unless it is done. Of a backtest, what "praetor rules backtest --json" prints. */
                        result: unknown;
                        /** Format: date-time */
                        started_at: string | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "done" | "failed" | "cancelled";
                        /** @description What it is about: the ids of rules. */
                        subject: string;
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobs_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        asked_by: {
                            id: string;
                            /** @enum {string} */
                            kind: "token" | "admin_token" | "cli" | "engine";
                            name: string;
                        };
                        /** @description The connection that it is confined to; null for all. */
                        connection_id: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** @description Why it failed, and what to do. */
                        error: string | null;
                        /**
                         * Format: date-time
                         * @description It is kept for 7 days from then on.
                         */
                        finished_at: string | null;
                        id: string;
                        /** @enum {string} */
                        kind: "backtest";
                        progress: {
                            done: number;
                            /** @description Null until it is known. */
                            total: number | null;
                        };
                        /** Format: date-time */
                        started_at: string | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "done" | "failed" | "cancelled";
                        /** @description What it is about: the ids of rules. */
                        subject: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    jobs_follow: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    live_follow: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description Only these, for example run,alert; all unless said. */
                kinds?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rules_list: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                enabled?: "true" | "false";
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description One or several, separated by commas: active, shadow. */
                mode?: string;
                /** @description Only with this text, in any case, in id, name and file. */
                q?: string;
                /** @description The order: id, -id, name, -name, file, -file; with a minus the last or newest first. */
                sort?: "id" | "-id" | "name" | "-name" | "file" | "-file";
                /** @description One or several, separated by commas: active, broken, removed. */
                state?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /**
                             * @description Who owns its text: the rules folder, or the API.
                             * @enum {string}
                             */
                            authoring: "files" | "api";
                            diagnostics: {
                                code: string;
                                column: number;
                                file: string;
                                line: number;
                                message: string;
                                path: string;
                                /** @enum {string} */
                                severity: "error" | "warning";
                            }[];
                            enabled: boolean | null;
                            /** @description Its path; api:<id> for a rule of the API. */
                            file: string;
                            /** @description The id in the file; file:<path> when it cannot be read. */
                            id: string;
                            /** @enum {string|null} */
                            mode: "active" | "shadow" | null;
                            name: string | null;
                            /** @description Whether it only watches on a person's word, whatever its text says. */
                            shadowed: boolean;
                            /** @enum {string} */
                            state: "active" | "broken" | "removed";
                            /** @description Hash of the content: equal text, equal version. */
                            version: string | null;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why; kept with the version. */
                    note?: string;
                    /** @description YAML, or JSON; kept as it is, comments too. */
                    text: string;
                };
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Who owns its text: the rules folder, or the API.
                         * @enum {string}
                         */
                        authoring: "files" | "api";
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        enabled: boolean | null;
                        /** @description Its path; api:<id> for a rule of the API. */
                        file: string;
                        /** @description The id in the file; file:<path> when it cannot be read. */
                        id: string;
                        /** @enum {string|null} */
                        mode: "active" | "shadow" | null;
                        name: string | null;
                        /** @description Of its version, from 1 on. */
                        number: number;
                        /** @description True when it waits for a second person: what was in force before stays so, and there is no ETag. */
                        pending: boolean;
                        /** @description When it goes by the clock next, and did last, on any connection; null when it never does. */
                        schedule?: {
                            /** Format: date-time */
                            last_at: string | null;
                            /** Format: date-time */
                            next_at: string | null;
                        } | null;
                        /** @description Whether it only watches on a person's word, whatever its text says. */
                        shadowed: boolean;
                        /** @description The text of the file; null when the rule was removed. */
                        source: string | null;
                        /** @enum {string} */
                        state: "active" | "broken" | "removed";
                        /** @description Hash of the content: equal text, equal version. */
                        version: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rules_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: id, name, file, authoring, state, enabled, mode, shadowed, version, diagnostics, source, schedule. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Who owns its text: the rules folder, or the API.
                         * @enum {string}
                         */
                        authoring: "files" | "api";
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        enabled: boolean | null;
                        /** @description Its path; api:<id> for a rule of the API. */
                        file: string;
                        /** @description The id in the file; file:<path> when it cannot be read. */
                        id: string;
                        /** @enum {string|null} */
                        mode: "active" | "shadow" | null;
                        name: string | null;
                        /** @description When it goes by the clock next, and did last, on any connection; null when it never does. */
                        schedule?: {
                            /** Format: date-time */
                            last_at: string | null;
                            /** Format: date-time */
                            next_at: string | null;
                        } | null;
                        /** @description Whether it only watches on a person's word, whatever its text says. */
                        shadowed: boolean;
                        /** @description The text of the file; null when the rule was removed. */
                        source: string | null;
                        /** @enum {string} */
                        state: "active" | "broken" | "removed";
                        /** @description Hash of the content: equal text, equal version. */
                        version: string | null;
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_replace: {
        parameters: {
            query?: never;
            header: {
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why; kept with the version. */
                    note?: string;
                    /** @description YAML, or JSON; kept as it is, comments too. */
                    text: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Who owns its text: the rules folder, or the API.
                         * @enum {string}
                         */
                        authoring: "files" | "api";
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        enabled: boolean | null;
                        /** @description Its path; api:<id> for a rule of the API. */
                        file: string;
                        /** @description The id in the file; file:<path> when it cannot be read. */
                        id: string;
                        /** @enum {string|null} */
                        mode: "active" | "shadow" | null;
                        name: string | null;
                        /** @description Of its version, from 1 on. */
                        number: number;
                        /** @description True when it waits for a second person: what was in force before stays so, and there is no ETag. */
                        pending: boolean;
                        /** @description When it goes by the clock next, and did last, on any connection; null when it never does. */
                        schedule?: {
                            /** Format: date-time */
                            last_at: string | null;
                            /** Format: date-time */
                            next_at: string | null;
                        } | null;
                        /** @description Whether it only watches on a person's word, whatever its text says. */
                        shadowed: boolean;
                        /** @description The text of the file; null when the rule was removed. */
                        source: string | null;
                        /** @enum {string} */
                        state: "active" | "broken" | "removed";
                        /** @description Hash of the content: equal text, equal version. */
                        version: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_remove: {
        parameters: {
            query?: {
                /** @description Open runs: refuse does not delete while there are some, finish lets them go on with their version, cancel ends them. */
                waiting?: "refuse" | "finish" | "cancel";
            };
            header: {
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    backtests_ofRule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Only the events of this connection; all that the token may see when left out. */
                    connection?: string;
                    /**
                     * @description How far back.
                     * @default 90
                     */
                    days?: number;
                    /** @description The rule as YAML or JSON, in place of the one that is in force. */
                    text?: string;
                };
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        asked_by: {
                            id: string;
                            /** @enum {string} */
                            kind: "token" | "admin_token" | "cli" | "engine";
                            name: string;
                        };
                        /** @description The connection that it is confined to; null for all. */
                        connection_id: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** @description Why it failed, and what to do. */
                        error: string | null;
                        /**
                         * Format: date-time
                         * @description It is kept for 7 days from then on.
                         */
                        finished_at: string | null;
                        id: string;
                        /** @enum {string} */
                        kind: "backtest";
                        progress: {
                            done: number;
                            /** @description Null until it is known. */
                            total: number | null;
                        };
                        /** Format: date-time */
                        started_at: string | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "done" | "failed" | "cancelled";
                        /** @description What it is about: the ids of rules. */
                        subject: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rules_explain: {
        parameters: {
            query: {
                /** @description Kind and id: matter/123. */
                record: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description What keeps events or the rule away, as it stands now. */
                        causes: {
                            /** @enum {string} */
                            code: "rule_broken" | "rule_removed" | "rule_disabled" | "rule_paused" | "other_record_kind" | "no_connection" | "needs_authorisation" | "not_subscribed" | "subscription_not_in_place" | "subscription_newer" | "never_swept" | "record_not_seen" | "record_seen" | "goes_by_the_clock" | "too_many_records" | "schedule_failed";
                            message: string;
                        }[];
                        /** @description True when the record has still older events. */
                        has_earlier: boolean;
                        /** @description Of the events that the rule was asked about and refused, the one that lacked least. */
                        nearest_miss: {
                            event_id: string;
                            misses: string[];
                        } | null;
                        record: string;
                        rule_id: string;
                        /** Format: date-time */
                        since: string | null;
                        summary: string;
                        /** @description Oldest first; the newest 50 events. */
                        timeline: {
                            changed: string[] | null;
                            connection_id: string;
                            event_id: string;
                            /** @description The tree of verdicts: each condition with its value and what it saw. */
                            explanation: unknown;
                            /** @description The conditions that failed, with what they saw; for people. */
                            misses: string[];
                            /**
                             * @description Null when the rule was not asked; the reason says why.
                             * @enum {string|null}
                             */
                            outcome: "matched" | "not_matched" | "unknown" | "suppressed" | "errored" | null;
                            /**
                             * Format: date-time
                             * @description The time that the schedule had planned; null for any other event.
                             */
                            planned_at: string | null;
                            reason: string;
                            /** Format: date-time */
                            received_at: string;
                            /** @description What became of its run so far; the error also says who cancelled it, the reason why one that is done ended before its last step. Null without one. */
                            run: {
                                error: string | null;
                                reason: string | null;
                                status: string;
                            } | null;
                            run_id: string | null;
                            shadow: boolean;
                            source: string;
                            /** @description Every type that a trigger may know the event by. */
                            types: string[];
                            /** @description Which version of the rule decided. */
                            version: number | null;
                        }[];
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleVersions_export: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/yaml": string;
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauses_pause: {
        parameters: {
            query?: never;
            header: {
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Only on this connection; on all when left out. */
                    connection_id?: string;
                    reason: string;
                    /**
                     * Format: date-time
                     * @description Until somebody resumes it when left out.
                     */
                    until?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pauses: {
                            /**
                             * @description limit: the rule started more runs than its limits allow.
                             * @enum {string}
                             */
                            cause: "limit" | "person";
                            connection_id: string;
                            /** Format: date-time */
                            paused_at: string;
                            reason: string;
                            /**
                             * Format: date-time
                             * @description Null: until somebody resumes it.
                             */
                            until: string | null;
                        }[];
                        rule_id: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauses_list: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: rule_id, pauses. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pauses: {
                            /**
                             * @description limit: the rule started more runs than its limits allow.
                             * @enum {string}
                             */
                            cause: "limit" | "person";
                            connection_id: string;
                            /** Format: date-time */
                            paused_at: string;
                            reason: string;
                            /**
                             * Format: date-time
                             * @description Null: until somebody resumes it.
                             */
                            until: string | null;
                        }[];
                        rule_id: string;
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauses_resume: {
        parameters: {
            query?: never;
            header: {
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Only on this connection; on all when left out. */
                    connection_id?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        pauses: {
                            /**
                             * @description limit: the rule started more runs than its limits allow.
                             * @enum {string}
                             */
                            cause: "limit" | "person";
                            connection_id: string;
                            /** Format: date-time */
                            paused_at: string;
                            reason: string;
                            /**
                             * Format: date-time
                             * @description Null: until somebody resumes it.
                             */
                            until: string | null;
                        }[];
                        rule_id: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_rollback: {
        parameters: {
            query?: never;
            header: {
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Why; kept with the version. */
                    note?: string;
                    /** @description The number of the version whose text is to be in force again. */
                    to: number;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Who owns its text: the rules folder, or the API.
                         * @enum {string}
                         */
                        authoring: "files" | "api";
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        enabled: boolean | null;
                        /** @description Its path; api:<id> for a rule of the API. */
                        file: string;
                        /** @description The id in the file; file:<path> when it cannot be read. */
                        id: string;
                        /** @enum {string|null} */
                        mode: "active" | "shadow" | null;
                        name: string | null;
                        /** @description Of its version, from 1 on. */
                        number: number;
                        /** @description True when it waits for a second person: what was in force before stays so, and there is no ETag. */
                        pending: boolean;
                        /** @description When it goes by the clock next, and did last, on any connection; null when it never does. */
                        schedule?: {
                            /** Format: date-time */
                            last_at: string | null;
                            /** Format: date-time */
                            next_at: string | null;
                        } | null;
                        /** @description Whether it only watches on a person's word, whatever its text says. */
                        shadowed: boolean;
                        /** @description The text of the file; null when the rule was removed. */
                        source: string | null;
                        /** @enum {string} */
                        state: "active" | "broken" | "removed";
                        /** @description Hash of the content: equal text, equal version. */
                        version: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rules_run: {
        parameters: {
            query?: never;
            header: {
                "idempotency-key": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Needed where there are several connections. */
                    connection?: string;
                    /** @description Kind and id: matter/123. */
                    record: string;
                };
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connection_id: string;
                        /** @description Its decision says what came of it: GET /api/v1/events/{id}. */
                        event_id: string;
                        /** @description False when this Idempotency-Key has started the rule before. */
                        is_new: boolean;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    pauses_shadow: {
        parameters: {
            query?: never;
            header: {
                "if-match": string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description True: the rule decides and records, and sends nothing. False: as its text says. */
                    on: boolean;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Who owns its text: the rules folder, or the API.
                         * @enum {string}
                         */
                        authoring: "files" | "api";
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        enabled: boolean | null;
                        /** @description Its path; api:<id> for a rule of the API. */
                        file: string;
                        /** @description The id in the file; file:<path> when it cannot be read. */
                        id: string;
                        /** @enum {string|null} */
                        mode: "active" | "shadow" | null;
                        name: string | null;
                        /** @description When it goes by the clock next, and did last, on any connection; null when it never does. */
                        schedule?: {
                            /** Format: date-time */
                            last_at: string | null;
                            /** Format: date-time */
                            next_at: string | null;
                        } | null;
                        /** @description Whether it only watches on a person's word, whatever its text says. */
                        shadowed: boolean;
                        /** @description The text of the file; null when the rule was removed. */
                        source: string | null;
                        /** @enum {string} */
                        state: "active" | "broken" | "removed";
                        /** @description Hash of the content: equal text, equal version. */
                        version: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleTrials_simulate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Needed where there are several connections. */
                    connection?: string;
                    /** @description Which of its triggers, where it has several: matter.updated, or the id of a trigger. */
                    event?: string;
                    /** @description Kind and id: matter/123. */
                    record: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        actions: {
                            action: string;
                            /** @description What is decided where it is no action, for people. */
                            decided: string | null;
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            id: string;
                            /** @description What only the run itself will know. */
                            known_later: string[];
                            /** @description As it would be sent; null when it would fail, and where it is no action. */
                            with: unknown;
                        }[];
                        /** @description The run that used the key: the rule would not act again. */
                        already_run_by: string | null;
                        /** @description Lists asked for at Clio; nothing else is. */
                        clio_calls: number;
                        connection_id: string;
                        event: string;
                        explanation: unknown;
                        idempotency_key: string | null;
                        /** @description The key counts as run without a run, because of a baseline: the rule would not act. */
                        key_is_spent: boolean;
                        readonly missing: string[];
                        outcome: string;
                        /**
                         * Format: date-time
                         * @description When what stands for the record before was last renewed.
                         */
                        previous_of: string | null;
                        reason: string;
                        record: string;
                        rule_id: string;
                        version: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleTrials_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description Why the rule could not be tested at all, one line each. */
                        broken: string[];
                        /** @description False, too, when the rule has no tests. */
                        ok: boolean;
                        rules: {
                            file: string;
                            id: string;
                            tests: {
                                /** @description Why the rule decided as it did, where a test failed. */
                                explanation: unknown;
                                /** @description What was expected and what came. */
                                message: string | null;
                                name: string;
                                passed: boolean;
                                /** @description What became of each step, where other actions were expected. */
                                steps: string[];
                            }[];
                        }[];
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleVersions_list: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description The order: -number, number; with a minus the last or newest first. */
                sort?: "-number" | "number";
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /**
                             * @description pending: it waits for a second person and does nothing yet.
                             * @enum {string}
                             */
                            approval: "accepted" | "pending" | "dropped";
                            approved_by: {
                                id: string;
                                kind: string;
                                name: string;
                            } | null;
                            /** @description Who gave it to the API; null for one of a file. */
                            author: {
                                id: string;
                                kind: string;
                                name: string;
                            } | null;
                            /** Format: date-time */
                            created_at: string;
                            /** @description Of the content: decisions and runs name it. */
                            hash: string;
                            in_force: boolean;
                            note: string | null;
                            number: number;
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleVersions_diff: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                a: number;
                b: number;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        from: number;
                        /** @description With two lines around each change; none when the texts are the same. */
                        lines: {
                            /** @enum {string} */
                            sign: " " | "-" | "+";
                            text: string;
                        }[];
                        to: number;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleVersions_show: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description pending: it waits for a second person and does nothing yet.
                         * @enum {string}
                         */
                        approval: "accepted" | "pending" | "dropped";
                        approved_by: {
                            id: string;
                            kind: string;
                            name: string;
                        } | null;
                        /** @description Who gave it to the API; null for one of a file. */
                        author: {
                            id: string;
                            kind: string;
                            name: string;
                        } | null;
                        /** Format: date-time */
                        created_at: string;
                        /** @description Of the content: decisions and runs name it. */
                        hash: string;
                        in_force: boolean;
                        note: string | null;
                        number: number;
                        /** @description The text as it was written; of a file, all of the file. */
                        source: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_approve: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: number;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Of the version that was read, so that nothing else is approved. */
                    hash: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /**
                         * @description Who owns its text: the rules folder, or the API.
                         * @enum {string}
                         */
                        authoring: "files" | "api";
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        enabled: boolean | null;
                        /** @description Its path; api:<id> for a rule of the API. */
                        file: string;
                        /** @description The id in the file; file:<path> when it cannot be read. */
                        id: string;
                        /** @enum {string|null} */
                        mode: "active" | "shadow" | null;
                        name: string | null;
                        /** @description Of its version, from 1 on. */
                        number: number;
                        /** @description True when it waits for a second person: what was in force before stays so, and there is no ETag. */
                        pending: boolean;
                        /** @description When it goes by the clock next, and did last, on any connection; null when it never does. */
                        schedule?: {
                            /** Format: date-time */
                            last_at: string | null;
                            /** Format: date-time */
                            next_at: string | null;
                        } | null;
                        /** @description Whether it only watches on a person's word, whatever its text says. */
                        shadowed: boolean;
                        /** @description The text of the file; null when the rule was removed. */
                        source: string | null;
                        /** @enum {string} */
                        state: "active" | "broken" | "removed";
                        /** @description Hash of the content: equal text, equal version. */
                        version: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    backtests_ofText: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Only the events of this connection; all that the token may see when left out. */
                    connection?: string;
                    /**
                     * @description How far back.
                     * @default 90
                     */
                    days?: number;
                    /** @description Rules as YAML or JSON, at most 20; they need not be in force. */
                    text: string;
                };
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        asked_by: {
                            id: string;
                            /** @enum {string} */
                            kind: "token" | "admin_token" | "cli" | "engine";
                            name: string;
                        };
                        /** @description The connection that it is confined to; null for all. */
                        connection_id: string | null;
                        /** Format: date-time */
                        created_at: string;
                        /** @description Why it failed, and what to do. */
                        error: string | null;
                        /**
                         * Format: date-time
                         * @description It is kept for 7 days from then on.
                         */
                        finished_at: string | null;
                        id: string;
                        /** @enum {string} */
                        kind: "backtest";
                        progress: {
                            done: number;
                            /** @description Null until it is known. */
                            total: number | null;
                        };
                        /** Format: date-time */
                        started_at: string | null;
                        /** @enum {string} */
                        status: "queued" | "running" | "done" | "failed" | "cancelled";
                        /** @description What it is about: the ids of rules. */
                        subject: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleTrials_evaluate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description matter.updated; left out for a rule that goes by the clock or is started by hand. */
                    event?: string;
                    /** @description The rule in force, or which one of the text. */
                    id?: string;
                    /**
                     * @description What the lookups of the rule find: {"open_tasks": {"items": []}}.
                     * @default {}
                     */
                    lookups?: {
                        [key: string]: {
                            [key: string]: components["schemas"]["__schema0"];
                        };
                    };
                    /**
                     * Format: date-time
                     * @description The time that it is then; the present when left out.
                     */
                    now?: string;
                    /**
                     * @description What the record was before; null when nobody had seen it.
                     * @default null
                     */
                    previous?: {
                        [key: string]: components["schemas"]["__schema0"];
                    } | null;
                    record: {
                        [key: string]: components["schemas"]["__schema0"];
                    };
                    /** @description The rule; without it, id names one that is in force. */
                    text?: string;
                    /** @description The id of the trigger, where that is not clear. */
                    trigger?: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description What would be sent, in order; steps whose "if" does not hold are left out. */
                        actions: {
                            action: string;
                            error: {
                                code: string;
                                message: string;
                            } | null;
                            id: string;
                            /** @description Null when the step would fail. */
                            with: unknown;
                        }[];
                        /** @description The tree of verdicts: each condition with its value and what it saw. */
                        explanation: unknown;
                        /** @description What looks like a slip in the event. */
                        hints: string[];
                        idempotency_key: string | null;
                        missing: string[];
                        outcome: string;
                        reason: string;
                        rule_id: string;
                        version: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_export: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/yaml": string;
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleEditing_takeIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Only tell what would change.
                     * @default false
                     */
                    dry_run?: boolean;
                    note?: string;
                    /** @description Rules with --- between them, as GET /api/v1/rules/export gives them. */
                    text: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        dry_run: boolean;
                        rules: {
                            id: string;
                            /** @enum {string} */
                            what: "added" | "changed" | "unchanged";
                        }[];
                        warnings: number;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runs_list: {
        parameters: {
            query?: {
                connection_id?: string;
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                event_id?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description Only with this text, in any case, in id, rule_id, record_id, reason and error. A page looks through 1000 entries that the other filters leave, so it may be short or empty: go on while there is a next_cursor. */
                q?: string;
                /** @description Model and id: matter/123. */
                record?: string;
                rule_id?: string;
                /** @description Not before: a time, a day, or so long ago (30m, 24h, 7d, 2w). */
                since?: string;
                /** @description The order: -created_at, created_at; with a minus the last or newest first. */
                sort?: "-created_at" | "created_at";
                /** @description One or several, separated by commas: queued, running, done, failed, unknown, cancelled. */
                status?: string;
                /** @description Not after, written likewise. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            depth: number;
                            error: unknown;
                            event_id: string;
                            /** Format: date-time */
                            finished_at: string | null;
                            id: string;
                            /** @enum {string} */
                            mode: "active" | "shadow";
                            model: string;
                            /** @description Why a run that is done ended before its last step. */
                            reason: string | null;
                            record_id: string;
                            /** @description The run whose effects this one takes back. */
                            reverts: string | null;
                            rule_hash: string;
                            rule_id: string;
                            /**
                             * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                             * @enum {string}
                             */
                            status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runs_show: {
        parameters: {
            query?: {
                /** @description Only these fields, separated by commas: id, connection_id, event_id, rule_id, rule_hash, model, record_id, mode, status, depth, error, reason, reverts, created_at, finished_at, event, decision, reverted_by, steps, not_reached. */
                fields?: string;
            };
            header?: {
                /** @description The ETag of an earlier answer. */
                "If-None-Match"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        connection_id: string;
                        /** Format: date-time */
                        created_at: string;
                        decision: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            event_id: string;
                            /** @description The tree of verdicts: each condition with its value and what it saw. */
                            explanation: unknown;
                            id: string;
                            /** @enum {string} */
                            outcome: "matched" | "not_matched" | "unknown" | "suppressed" | "errored";
                            reason: string;
                            /** @description The version of the rule that decided. */
                            rule_hash: string;
                            rule_id: string;
                            run_id: string | null;
                            /** @description True when the rule only watches: nothing was sent. */
                            shadow: boolean;
                        } | null;
                        depth: number;
                        error: unknown;
                        event: {
                            attempts: number;
                            /** @description The run whose own write came back as this event. */
                            caused_by_run_id: string | null;
                            /** @description Paths whose values differ from the last known record. */
                            changed: string[] | null;
                            connection_id: string;
                            depth: number;
                            etag: string | null;
                            id: string;
                            model: string;
                            /** @description Why it was ignored, or what went wrong. */
                            reason: string | null;
                            /** Format: date-time */
                            received_at: string;
                            record_id: string;
                            /** @description The event that this one is a replay of. */
                            replay_of: string | null;
                            /** @enum {string} */
                            source: "webhook" | "poll" | "sweep" | "manual" | "schedule" | "replay" | "revert";
                            /** @enum {string} */
                            status: "planned" | "held" | "received" | "ready" | "matched" | "ignored" | "gone" | "failed";
                            /** @description Model and what happened to it: matter.updated. */
                            type: string;
                            /** @description Every type that a trigger may know it by: matter.closed beside matter.updated. */
                            types: string[];
                        } | null;
                        event_id: string;
                        /** Format: date-time */
                        finished_at: string | null;
                        id: string;
                        /** @enum {string} */
                        mode: "active" | "shadow";
                        model: string;
                        /** @description Steps of a run under way that it may still come to; which, its branches will tell. */
                        not_reached: string[];
                        /** @description Why a run that is done ended before its last step. */
                        reason: string | null;
                        record_id: string;
                        /** @description The run that takes back what this one did. */
                        reverted_by: string | null;
                        /** @description The run whose effects this one takes back. */
                        reverts: string | null;
                        rule_hash: string;
                        rule_id: string;
                        /**
                         * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                         * @enum {string}
                         */
                        status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        steps: {
                            /** @description The action, or if, choose, for_each, wait, approval, stop: a decision on the way. */
                            action: string;
                            /** @description How the business days in the input were counted. */
                            arithmetic: string[];
                            attempts: {
                                /** @description True when Clio already held the effect of an earlier try. */
                                adopted: boolean;
                                /**
                                 * @description Whether it took effect at Clio.
                                 * @enum {string|null}
                                 */
                                applied: "no" | "maybe" | "yes" | null;
                                duration_ms: number | null;
                                error: unknown;
                                /** Format: date-time */
                                finished_at: string | null;
                                number: number;
                                request_id: string | null;
                                /** @enum {string} */
                                result: "open" | "done" | "retry" | "failed" | "unknown";
                                /** Format: date-time */
                                started_at: string;
                                /** @description Clio's HTTP status when it refused. */
                                status: number | null;
                                /** @description The records written: model, id, etag. */
                                writes: unknown;
                            }[];
                            /** Format: date-time */
                            due_at: string;
                            error: unknown;
                            /** Format: date-time */
                            finished_at: string | null;
                            id: string;
                            /** @description What was sent, frozen at the first try; in shadow what would have been. */
                            input: unknown;
                            /** @description Its id in the rule, or its place in the list. */
                            key: string;
                            output: unknown;
                            /** @description Ends every text that the step writes: Automation <reference>. */
                            reference: string;
                            /** @enum {string} */
                            status: "waiting" | "due" | "running" | "done" | "failed" | "skipped" | "unknown";
                        }[];
                    };
                };
            };
            /** @description It is still what If-None-Match names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runVerbs_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    reason: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            depth: number;
                            error: unknown;
                            event_id: string;
                            /** Format: date-time */
                            finished_at: string | null;
                            id: string;
                            /** @enum {string} */
                            mode: "active" | "shadow";
                            model: string;
                            /** @description Why a run that is done ended before its last step. */
                            reason: string | null;
                            record_id: string;
                            /** @description The run whose effects this one takes back. */
                            reverts: string | null;
                            rule_hash: string;
                            rule_id: string;
                            /**
                             * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                             * @enum {string}
                             */
                            status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        };
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runVerbs_resume: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Needed when a step is unknown: its effect may exist. treat_as_done: it does; retry: it does not. Of a cancelled run nothing is tried again.
                     * @enum {string}
                     */
                    unknown?: "retry" | "treat_as_done";
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            depth: number;
                            error: unknown;
                            event_id: string;
                            /** Format: date-time */
                            finished_at: string | null;
                            id: string;
                            /** @enum {string} */
                            mode: "active" | "shadow";
                            model: string;
                            /** @description Why a run that is done ended before its last step. */
                            reason: string | null;
                            record_id: string;
                            /** @description The run whose effects this one takes back. */
                            reverts: string | null;
                            rule_hash: string;
                            rule_id: string;
                            /**
                             * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                             * @enum {string}
                             */
                            status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        };
                        /** @description The steps that were taken up again. */
                        steps: {
                            /** @enum {string} */
                            as: "tried_again" | "treated_as_done" | "left_undone";
                            step: string;
                        }[];
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runVerbs_retry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Needed when a step is unknown: its effect may exist. treat_as_done: it does; retry: it does not. Of a cancelled run nothing is tried again.
                     * @enum {string}
                     */
                    unknown?: "retry" | "treat_as_done";
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        run: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            depth: number;
                            error: unknown;
                            event_id: string;
                            /** Format: date-time */
                            finished_at: string | null;
                            id: string;
                            /** @enum {string} */
                            mode: "active" | "shadow";
                            model: string;
                            /** @description Why a run that is done ended before its last step. */
                            reason: string | null;
                            record_id: string;
                            /** @description The run whose effects this one takes back. */
                            reverts: string | null;
                            rule_hash: string;
                            rule_id: string;
                            /**
                             * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                             * @enum {string}
                             */
                            status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        };
                        /** @description The steps that were taken up again. */
                        steps: {
                            /** @enum {string} */
                            as: "tried_again" | "treated_as_done" | "left_undone";
                            step: string;
                        }[];
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runVerbs_revert: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @description Only says what would be done, with Clio as it is now; nothing is written.
                     * @default false
                     */
                    dry_run?: boolean;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description False when the run was reverted before, which is done once, and for a dry run. */
                        is_new: boolean;
                        /** @description The run that does it, or did it before; its steps say what came of it. Null for a dry run. */
                        run: {
                            connection_id: string;
                            /** Format: date-time */
                            created_at: string;
                            depth: number;
                            error: unknown;
                            event_id: string;
                            /** Format: date-time */
                            finished_at: string | null;
                            id: string;
                            /** @enum {string} */
                            mode: "active" | "shadow";
                            model: string;
                            /** @description Why a run that is done ended before its last step. */
                            reason: string | null;
                            record_id: string;
                            /** @description The run whose effects this one takes back. */
                            reverts: string | null;
                            rule_hash: string;
                            rule_id: string;
                            /**
                             * @description queued: waits for an older run of the same key. unknown: an answer was lost; a person decides.
                             * @enum {string}
                             */
                            status: "queued" | "running" | "done" | "failed" | "unknown" | "cancelled";
                        } | null;
                        /** @description In the order in which they are undone: the last one first. */
                        steps: {
                            action: string;
                            /** @description Why it stays. */
                            reason: string | null;
                            /** @description What it wrote: task/12. */
                            records: string[];
                            /** @description The step of the run that is to be reverted. */
                            step: string;
                            /**
                             * @description undo: unless somebody has changed the record since, which a dry run has looked up. leave: it stays.
                             * @enum {string}
                             */
                            will: "undo" | "leave";
                        }[];
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    runVerbs_bulk: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description How many it must be. Without it nothing is done, and the answer says how many there are. */
                    expect?: number;
                    /** @enum {string} */
                    verb: "retry";
                    where: {
                        connection?: string;
                        rule?: string;
                        /**
                         * Format: date-time
                         * @description Not before this time.
                         */
                        since?: string;
                        /** @enum {string} */
                        status?: "failed";
                        /**
                         * Format: date-time
                         * @description Not after this time.
                         */
                        until?: string;
                    };
                } | {
                    /** @description How many it must be. Without it nothing is done, and the answer says how many there are. */
                    expect?: number;
                    reason: string;
                    /** @enum {string} */
                    verb: "cancel";
                    where: {
                        connection?: string;
                        rule?: string;
                        /**
                         * Format: date-time
                         * @description Not before this time.
                         */
                        since?: string;
                        /** @enum {string} */
                        status?: "queued" | "running" | "unknown";
                        /**
                         * Format: date-time
                         * @description Not after this time.
                         */
                        until?: string;
                    };
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description How many there are; send it as "expect" to have it done. */
                        count: number;
                        /** @description For how many it was done; null when nothing was asked for. */
                        done: number | null;
                        /** @description The first of those whose state did not allow it. */
                        refused: {
                            id: string;
                            message: string;
                        }[];
                        /** @description The ids of the newest of them. */
                        sample: string[];
                        /** @enum {string} */
                        verb: "retry" | "cancel" | "replay";
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_show: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        actor: {
                            id: string;
                            /** @enum {string} */
                            kind: "token" | "admin_token";
                            name: string;
                        };
                        /** @description The one connection that is seen; null for all. */
                        connection_id: string | null;
                        /** @description Send it as X-CSRF-Token with every change by cookie; null with a bearer token. */
                        csrf_token: string | null;
                        /**
                         * Format: date-time
                         * @description When the session ends; null with a bearer token.
                         */
                        expires_at: string | null;
                        may: ("read" | "edit" | "approve" | "admin")[];
                        /** @enum {string} */
                        role: "viewer" | "editor" | "approver" | "admin";
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description A token of "praetor token create", or the ADMIN_TOKEN. */
                    token: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        actor: {
                            id: string;
                            /** @enum {string} */
                            kind: "token" | "admin_token";
                            name: string;
                        };
                        /** @description The one connection that is seen; null for all. */
                        connection_id: string | null;
                        /** @description Send it as X-CSRF-Token with every change by cookie; null with a bearer token. */
                        csrf_token: string | null;
                        /**
                         * Format: date-time
                         * @description When the session ends; null with a bearer token.
                         */
                        expires_at: string | null;
                        may: ("read" | "edit" | "approve" | "admin")[];
                        /** @enum {string} */
                        role: "viewer" | "editor" | "approver" | "admin";
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokens_list: {
        parameters: {
            query?: {
                /** @description The next_cursor of the page before, with the same filters and the same sort. */
                cursor?: string;
                /** @description Only these fields, separated by commas; all when left out. */
                fields?: string;
                /** @description At most so many, 1 to 200. */
                limit?: number;
                /** @description The order: -created_at, created_at; with a minus the last or newest first. */
                sort?: "-created_at" | "created_at";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: {
                            /** @description The one connection it is for; null for all. */
                            connection_id: string | null;
                            /** Format: date-time */
                            created_at: string;
                            created_by: string;
                            /** Format: date-time */
                            expires_at: string | null;
                            id: string;
                            /**
                             * Format: date-time
                             * @description To the minute.
                             */
                            last_used_at: string | null;
                            name: string;
                            /** Format: date-time */
                            revoked_at: string | null;
                            /**
                             * @description viewer looks; editor also changes and repeats; approver also decides approvals; admin all.
                             * @enum {string}
                             */
                            role: "viewer" | "editor" | "approver" | "admin";
                            /** @enum {string} */
                            status: "active" | "expired" | "revoked";
                        }[];
                        /** @description Send it as "cursor" for the next page; null on the last. */
                        next_cursor: string | null;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokens_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description Confines it to one connection. */
                    connection_id?: string;
                    /**
                     * Format: date-time
                     * @description Never when left out.
                     */
                    expires_at?: string;
                    /** @description Who or what uses it; it stands in the audit trail. */
                    name: string;
                    /**
                     * @description viewer looks; editor also changes and repeats; approver also decides approvals; admin all.
                     * @enum {string}
                     */
                    role: "viewer" | "editor" | "approver" | "admin";
                };
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The one connection it is for; null for all. */
                        connection_id: string | null;
                        /** Format: date-time */
                        created_at: string;
                        created_by: string;
                        /** Format: date-time */
                        expires_at: string | null;
                        id: string;
                        /**
                         * Format: date-time
                         * @description To the minute.
                         */
                        last_used_at: string | null;
                        name: string;
                        /** Format: date-time */
                        revoked_at: string | null;
                        /**
                         * @description viewer looks; editor also changes and repeats; approver also decides approvals; admin all.
                         * @enum {string}
                         */
                        role: "viewer" | "editor" | "approver" | "admin";
                        /** @enum {string} */
                        status: "active" | "expired" | "revoked";
                        /** @description What to send as the bearer token. It is shown this once. */
                        token: string;
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokens_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description The one connection it is for; null for all. */
                        connection_id: string | null;
                        /** Format: date-time */
                        created_at: string;
                        created_by: string;
                        /** Format: date-time */
                        expires_at: string | null;
                        id: string;
                        /**
                         * Format: date-time
                         * @description To the minute.
                         */
                        last_used_at: string | null;
                        name: string;
                        /** Format: date-time */
                        revoked_at: string | null;
                        /**
                         * @description viewer looks; editor also changes and repeats; approver also decides approvals; admin all.
                         * @enum {string}
                         */
                        role: "viewer" | "editor" | "approver" | "admin";
                        /** @enum {string} */
                        status: "active" | "expired" | "revoked";
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ruleTrials_validate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /**
                     * @default yaml
                     * @enum {string}
                     */
                    format?: "yaml" | "json";
                    text: string;
                };
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        diagnostics: {
                            code: string;
                            column: number;
                            file: string;
                            line: number;
                            message: string;
                            path: string;
                            /** @enum {string} */
                            severity: "error" | "warning";
                        }[];
                        /** @description Whether it could be put in force: warnings do not stand in its way. */
                        ok: boolean;
                        /** @description Of every rule in the text that can be read. */
                        outlines: {
                            actions: {
                                action: string;
                                calls: number;
                                id: string;
                            }[];
                            /** @description Calls to Clio of one run at most. */
                            calls_a_run: number;
                            id: string;
                            name: string;
                            triggers: string[];
                        }[];
                    };
                };
            };
            /** @description What is wrong. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
